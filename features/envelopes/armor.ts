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
  const count = Math.ceil(text.length / COLUMNS);
  const lines = new Uint8Array(new ArrayBuffer(text.length + count)).fill(LINE_FEED);
  for (let line = 0; line < count; line++) {
    const at = line * COLUMNS;
    lines.set(within(text, at, Math.min(text.length, at + COLUMNS)), at + line);
  }
  return lines;
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
  return decode(base64Of(within(bytes, start, end)));
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

/** What stands between the marks. It keeps no list of lines: whoever wrote the text decides how many there are. */
function base64Of(block: View): View {
  const begin = block.indexOf(LINE_FEED);
  if (begin < 0 || !isLine(lineOf(block, 0, begin), BEGIN)) throw broken();
  const text = new Uint8Array(new ArrayBuffer(block.length));
  let [start, length, isLast] = [begin + 1, 0, false];
  for (;;) {
    const feed = block.indexOf(LINE_FEED, start);
    if (feed < 0) break;
    const line = lineOf(block, start, feed);
    if (isLast || line.length === 0 || line.length > COLUMNS) throw broken();
    isLast = line.length < COLUMNS;
    text.set(line, length);
    length += line.length;
    start = feed + 1;
  }
  if (length === 0 || !isLine(within(block, start), END)) throw broken();
  return within(text, 0, length);
}

/** Up to its line feed, or to the CR before that. */
export function lineOf(text: View, start: number, feed: number): View {
  return within(text, start, feed > start && text[feed - 1] === 13 ? feed - 1 : feed);
}

/** Whether a line is exactly this text. */
export function isLine(line: View, text: readonly number[]): boolean {
  return line.length === text.length && hasAt(line, 0, text);
}

export function broken(): Error {
  return malformed("its text form (PEM) is incomplete or malformed");
}
