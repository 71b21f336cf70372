import { wrongKind, wrongType } from "./arguments/argument_error.ts";
import { copyBytes, isBytes, lengthOf, publicBytes } from "./arguments/check_bytes.ts";
import { checkLive } from "./check_live.ts";
import type { SecretBuffer } from "./contract/secret_buffer.ts";
import { isSecretBuffer } from "./held_secret.ts";
import { lendingOf, makeOf } from "./standard/lender.ts";
import type { SecretInput } from "./standard/standard.ts";

/** Pulls the next piece, or null at the end. */
export type Source<T> = () => Promise<T | null>;

/** Sealed bytes as they come, given out in the lengths that are asked for. */
export class Pieces {
  readonly #source: Source<Uint8Array>;
  #piece: Uint8Array = new Uint8Array(0);
  #taken = 0;

  constructor(source: Source<Uint8Array>) {
    this.#source = source;
  }

  /** Fewer than `byteLength` only at the end. */
  async take(byteLength: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(new ArrayBuffer(byteLength));
    let filled = 0;
    while (filled < byteLength && !(await this.ended())) {
      const rest = this.#piece.subarray(this.#taken, this.#taken + byteLength - filled);
      bytes.set(rest, filled);
      filled += rest.length;
      this.#taken += rest.length;
    }
    return bytes.subarray(0, filled);
  }

  /** All that is there of the current piece, or null at the end. A view: what it is of may change at any wait. */
  async some(): Promise<Uint8Array<ArrayBuffer> | null> {
    if (await this.ended()) return null;
    const { buffer, byteOffset, length } = this.#piece;
    const rest = new Uint8Array(
      buffer as ArrayBuffer,
      byteOffset + this.#taken,
      length - this.#taken,
    );
    this.#taken = length;
    return rest;
  }

  /** Gives `rest` out again; nothing else of the piece that it came from may be left. */
  putBack(rest: Uint8Array<ArrayBuffer>): void {
    this.#piece = rest;
    this.#taken = 0;
  }

  /** Waits until there is another byte, or none ever. */
  async ended(): Promise<boolean> {
    while (this.#taken === this.#piece.length) {
      const piece = await this.#source();
      if (piece === null) return true;
      if (!isBytes(piece)) throw wrongPiece("open", "a Uint8Array", piece);
      this.#piece = publicBytes(piece, "open stream", "each chunk");
      this.#taken = 0;
    }
    if (this.#taken > this.#piece.length) throw changed("open");
    return false;
  }
}

/** A copy, in a secret that `make` makes, of what another library's secret lends. Each chunk is read more than once. */
export function ownPiece(
  piece: SecretInput,
  make: (byteLength: number, fill: (bytes: Uint8Array<ArrayBuffer>) => void) => SecretBuffer,
): Uint8Array | SecretBuffer {
  if (isSecretBuffer(piece) || lendingOf(piece) === null) return piece as Uint8Array;
  return makeOf(piece, "seal stream", "each chunk", (bytes) =>
    make(lengthOf(bytes), (page) => copyBytes(page, bytes)),
  );
}

/** Bytes of a piece of plaintext. @throws {TypeError} for anything else */
export function lengthOfPiece(piece: Uint8Array | SecretBuffer): number {
  if (isSecretBuffer(piece)) return piece.byteLength;
  if (!isBytes(piece)) throw wrongPiece("seal", "a Uint8Array or a SecretBuffer", piece);
  const length = lengthOf(piece);
  if (length === 0) publicBytes(piece, "seal stream", "each chunk"); // none is lost: it had none
  return length;
}

/** Copies a part of a piece into secret memory. */
export function copyPiece(
  piece: Uint8Array | SecretBuffer,
  start: number,
  room: SecretBuffer,
  at: number,
  count: number,
): void {
  const from = (bytes: Uint8Array): void =>
    room.modify((target) => setPart(target, at, bytes, start, count));
  if (isSecretBuffer(piece)) {
    checkLive(piece, "seal stream", "a chunk was destroyed while it waited");
    piece.expose(from);
  } else from(piece);
}

/**
 * V8 keeps small arrays on its heap and moves one whose `buffer` is asked for, leaving its bytes there:
 * a part of those is copied byte by byte. Never by `subarray`, which asks the view for its constructor.
 */
function setPart(
  target: Uint8Array,
  at: number,
  bytes: Uint8Array,
  start: number,
  count: number,
): void {
  const length = lengthOf(bytes);
  // It lies with the caller while chunks wait to be taken, who may have transferred or shrunk it.
  if (length < start + count) throw changed("seal");
  if (count === length) copyBytes(target, bytes, at);
  else if (length > SMALL_BYTES) {
    copyBytes(target, new Uint8Array(bytes.buffer, bytes.byteOffset + start, count), at);
  } else {
    for (let index = 0; index < count; index++) target[at + index] = bytes[start + index] as number;
  }
}

/** More than any engine keeps on its heap: V8 64 by default, SpiderMonkey 96. */
const SMALL_BYTES = 1024;

function changed(verb: string): TypeError {
  return wrongType(
    `Cannot ${verb} stream as a chunk must hold its bytes until it was taken: its buffer was detached or made smaller`,
  );
}

function wrongPiece(verb: string, kinds: string, value: unknown): TypeError {
  return wrongKind(`Cannot ${verb} stream as each chunk must be ${kinds}`, value);
}
