import { codecFor } from "../../core/codec.ts";
import { ascii, hasAt } from "../../core/sealed_key_mark.ts";
import { joined, type View, within } from "./bytes.ts";
import { malformed } from "./refusal.ts";
import { COLUMNS } from "./stanza.ts";

/** The first line. */
export const BEGIN: readonly number[] = ascii("-----BEGIN AGE ENCRYPTED FILE-----");
/** The last line. */
export const END: readonly number[] = ascii("-----END AGE ENCRYPTED FILE-----");
const WHITE: readonly number[] = ascii(" \t\r\n");
const [LINE_FEED, RETURN, PADDING] = [10, 13, 0x3d];
const NOTHING: View = new Uint8Array(new ArrayBuffer(0));

/** Where the text begins behind white space. */
export function textStart(bytes: View): number {
  let at = 0;
  while (at < bytes.length && WHITE.includes(bytes[at] as number)) at += 1;
  return at;
}

/**
 * Reads an age file as text that comes in pieces, strictly: white space around the block, lines that end in LF or CRLF, all of
 * them full but the last, canonical base64. It keeps no more than the beginning of a line, and no list of lines: whoever wrote
 * the text decides how many there are.
 */
export class ArmorReader {
  #state: "before" | "lines" | "after" = "before";
  /** The beginning of a line. */
  #kept: View = NOTHING;
  #any = false;
  /** A line that is not full, or is padded: no other one may follow. */
  #isLast = false;

  /**
   * @returns the bytes of the lines that are whole with this piece
   * @throws {LetheError} `ERR_LETHE_ENVELOPE_FORMAT` at the first line that is wrong
   */
  push(piece: View): View {
    let text = this.#kept.length === 0 ? piece : joined(this.#kept, piece);
    if (this.#state === "before") text = this.#begin(text);
    const digits = new Uint8Array(new ArrayBuffer(text.length));
    let length = 0;
    if (this.#state === "lines") {
      text = this.#take(text, (line) => {
        digits.set(line, length);
        length += line.length;
      });
    }
    if (this.#state === "after") {
      if (textStart(text) < text.length) throw broken();
      text = NOTHING;
    }
    this.#kept = text.slice();
    return length === 0 ? NOTHING : decode(within(digits, 0, length));
  }

  /** @throws {LetheError} `ERR_LETHE_ENVELOPE_FORMAT` when the text is not whole */
  end(): void {
    if (this.#state !== "after" || !this.#any) throw broken();
  }

  #begin(given: View): View {
    const text = within(given, textStart(given));
    const feed = text.indexOf(LINE_FEED);
    if (feed < 0) {
      if (text.length > BEGIN.length + 1) throw broken();
      return text;
    }
    const line = lineOf(text, 0, feed);
    if (line.length !== BEGIN.length || !hasAt(line, 0, BEGIN)) throw broken();
    this.#state = "lines";
    return within(text, feed + 1);
  }

  /** Takes whole lines. @returns what stands behind them */
  #take(text: View, use: (line: View) => void): View {
    for (let start = 0; ; ) {
      if (hasAt(text, start, END)) {
        this.#state = "after";
        return within(text, start + END.length);
      }
      const feed = text.indexOf(LINE_FEED, start);
      if (feed < 0) {
        if (text.length - start > COLUMNS + 1) throw broken();
        return within(text, start);
      }
      const line = lineOf(text, start, feed);
      if (this.#isLast || line.length === 0 || line.length > COLUMNS) throw broken();
      this.#isLast = line.length < COLUMNS || line.at(-1) === PADDING;
      this.#any = true;
      use(line);
      start = feed + 1;
    }
  }
}

/** Up to its line feed, or to the CR before that. */
function lineOf(text: View, start: number, feed: number): View {
  return within(text, start, feed > start && text[feed - 1] === RETURN ? feed - 1 : feed);
}

/** Bytes of lines of base64 that were put together. */
function decode(text: View): View {
  const codec = codecFor("base64", "read");
  const byteLength = codec.decodedLength(text);
  if (byteLength < 1) throw broken();
  const bytes = new Uint8Array(new ArrayBuffer(byteLength));
  if (!codec.decode(text, bytes)) throw broken();
  return bytes;
}

function broken(): Error {
  return malformed("its text form (PEM) is incomplete or malformed");
}
