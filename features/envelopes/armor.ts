import { codecFor } from "../../core/codec.ts";
import { ascii, hasAt } from "../../core/sealed_key_mark.ts";
import { joinAll, joined, type View, within } from "./bytes.ts";
import { malformed } from "./refusal.ts";
import { COLUMNS } from "./stanza.ts";

/** The first line. */
export const BEGIN: readonly number[] = ascii("-----BEGIN AGE ENCRYPTED FILE-----");
/** The last line. */
export const END: readonly number[] = ascii("-----END AGE ENCRYPTED FILE-----");
const WHITE: readonly number[] = ascii(" \t\r\n");
const LINE_FEED = 10;
/** In front of "BEGIN". */
const DASHES = 5;

/** Where the text begins behind white space. */
export function textStart(bytes: View): number {
  let at = 0;
  while (at < bytes.length && WHITE.includes(bytes[at] as number)) at += 1;
  return at;
}

/** Whether the bytes are an age file as text. */
export function isArmored(bytes: View): boolean {
  return hasAt(bytes, textStart(bytes), BEGIN);
}

/** Whether the bytes may go on as {@link isArmored}: of a stream, the first piece can be shorter than that takes. */
export function beginsArmor(bytes: View): boolean {
  const text = within(bytes, textStart(bytes));
  return text.length >= DASHES && BEGIN.every((byte, at) => at >= text.length || text[at] === byte);
}

/** An age file as text (RFC 7468, strict). It is ciphertext, and so is what it is made of. */
export function armor(bytes: View): View {
  return joined(BEGIN, [LINE_FEED], encodeLines(bytes), END, [LINE_FEED]);
}

/** Lines of base64, each with its line feed. All are full but the last. */
export function encodeLines(bytes: View): View {
  const codec = codecFor("base64", "format");
  const text = new Uint8Array(new ArrayBuffer(codec.encodedLength(bytes.length)));
  codec.encode(bytes, text);
  const lines: (View | readonly number[])[] = [];
  for (let at = 0; at < text.length; at += COLUMNS) {
    lines.push(within(text, at, Math.min(text.length, at + COLUMNS)), [LINE_FEED]);
  }
  return joinAll(lines);
}

/**
 * The reverse, strictly: white space around the block, lines that end in LF or CRLF, all of them full but the
 * last, canonical base64.
 *
 * @throws {LetheError} `ERR_LETHE_ENVELOPE_FORMAT`
 */
export function unarmor(bytes: View): View {
  const start = textStart(bytes);
  let end = bytes.length;
  while (end > start && WHITE.includes(bytes[end - 1] as number)) end -= 1;
  const lines = linesOf(within(bytes, start, end));
  if (!isLine(lines[0], BEGIN) || !isLine(lines.at(-1), END)) throw broken();
  const text = lines.slice(1, -1);
  const full = text.slice(0, -1).every(({ length }) => length === COLUMNS);
  const last = text.at(-1)?.length ?? 0;
  if (!full || last === 0 || last > COLUMNS) throw broken();
  return decode(joinAll(text));
}

/** Bytes of lines of base64 that were put together. */
export function decode(text: View): View {
  const codec = codecFor("base64", "read");
  const byteLength = codec.decodedLength(text);
  if (byteLength < 1) throw broken();
  const bytes = new Uint8Array(new ArrayBuffer(byteLength));
  if (!codec.decode(text, bytes)) throw broken();
  return bytes;
}

function linesOf(bytes: View): readonly View[] {
  const lines: View[] = [];
  for (let start = 0; start <= bytes.length; ) {
    const feed = bytes.indexOf(LINE_FEED, start);
    const end = feed < 0 ? bytes.length : feed;
    const isCrLf = feed > start && bytes[feed - 1] === 13;
    lines.push(within(bytes, start, isCrLf ? end - 1 : end));
    start = end + 1;
  }
  return lines;
}

/** Whether a line is exactly this text. */
export function isLine(line: View | undefined, text: readonly number[]): boolean {
  return line?.length === text.length && hasAt(line, 0, text);
}

export function broken(): Error {
  return malformed("its text form (PEM) is incomplete or malformed");
}
