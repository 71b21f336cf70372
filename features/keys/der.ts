import type { Piece, View } from "./bytes.ts";
import { within } from "./bytes.ts";
import { damaged } from "./refusal.ts";

/** Tags of DER (ITU-T X.690). */
export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const NULL = 0x05;
export const OBJECT_IDENTIFIER = 0x06;
export const SEQUENCE = 0x30;

/**
 * Reads DER, and nothing that is only BER. It takes no step but forward, so that its time is that of
 * its length; how deep it goes is written in the code that calls it. Tags and lengths are public; the
 * content is not looked at.
 */
export class DerReader {
  readonly #bytes: View;
  #at = 0;

  constructor(bytes: View) {
    this.#bytes = bytes;
  }

  /** Whether nothing follows. */
  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** The next tag, or -1 at the end. */
  get next(): number {
    return this.#bytes[this.#at] ?? -1;
  }

  /** The content of the next element. @throws {LetheError} `ERR_LETHE_KEY_DAMAGED` for another tag */
  read(tag: number): View {
    const bytes = this.#bytes;
    if (this.next !== tag) throw damaged("its DER");
    let at = this.#at + 1;
    let length = bytes[at++] ?? 0xff;
    if (length >= 0x80) {
      const count = length - 0x80;
      if (count < 1 || count > 3) throw damaged("its DER");
      length = 0;
      for (let index = 0; index < count; index++) length = length * 256 + (bytes[at++] ?? 0);
      const least = count === 1 ? 0x80 : 256 ** (count - 1);
      if (length < least) throw damaged("its DER");
    }
    if (length > bytes.length - at) throw damaged("its DER");
    this.#at = at + length;
    return within(bytes, at, at + length);
  }

  enter(tag: number): DerReader {
    return new DerReader(this.read(tag));
  }

  /** The bytes of a number that is not negative, in the fewest that it takes, without a sign. */
  unsigned(): View {
    const bytes = this.read(INTEGER);
    const [first = 0x80, second = 0x80] = bytes;
    if (first >= 0x80 || (first === 0 && bytes.length > 1 && second < 0x80)) {
      throw damaged("a number in its DER");
    }
    return first === 0 && bytes.length > 1 ? within(bytes, 1) : bytes;
  }

  /** A public number below 2^31. */
  small(): number {
    const bytes = this.unsigned();
    if (bytes.length > 4) return Number.POSITIVE_INFINITY;
    return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  }

  /** A bit string of whole bytes. */
  bits(tag: number = BIT_STRING): View {
    const bytes = this.read(tag);
    if (bytes[0] !== 0) throw damaged("its DER");
    return within(bytes, 1);
  }

  /** @throws {LetheError} `ERR_LETHE_KEY_DAMAGED` when something follows */
  end(): void {
    if (!this.done) throw damaged("its DER");
  }
}

/** An element to write. */
export interface Der {
  readonly tag: number;
  /** Bytes in front of the content: the sign of a number, the count of unused bits. */
  readonly prefix: readonly number[];
  readonly content: Piece | readonly Der[];
}

/** A number from its big-endian bytes without zeros in front. */
export function derUnsigned(bytes: Piece): Der {
  return der(INTEGER, bytes, (bytes[0] ?? 0x80) >= 0x80 ? [0] : []);
}

export function der(tag: number, content: Der["content"], prefix: readonly number[] = []): Der {
  return { tag, prefix, content };
}

/** Elements in a sequence. */
export function derSequence(...content: readonly Der[]): Der {
  return der(SEQUENCE, content);
}

/** How many bytes an element takes. */
export function derLength(element: Der): number {
  const length = contentLength(element);
  return 1 + header(length).length + length;
}

/** Writes an element. @returns where it ends */
export function writeDer(element: Der, target: Uint8Array, at: number = 0): number {
  const { tag, prefix, content } = element;
  const head = [tag, ...header(contentLength(element)), ...prefix];
  target.set(head, at);
  let next = at + head.length;
  if (isElements(content)) {
    for (const inner of content) next = writeDer(inner, target, next);
    return next;
  }
  target.set(content, next);
  return next + content.length;
}

function contentLength({ prefix, content }: Der): number {
  const length = isElements(content)
    ? content.reduce((sum, inner) => sum + derLength(inner), 0)
    : content.length;
  return prefix.length + length;
}

function isElements(content: Der["content"]): content is readonly Der[] {
  return content.length > 0 && typeof content[0] === "object";
}

function header(length: number): readonly number[] {
  if (length < 0x80) return [length];
  if (length < 0x100) return [0x81, length];
  return [0x82, length >> 8, length & 255];
}
