import { codecFor } from "../../core/codec.ts";
import { hasAt } from "../../core/sealed_key_mark.ts";
import { ArmorReader, BEGIN, END, textStart } from "./armor_reader.ts";
import { joinAll, joined, type View, within } from "./bytes.ts";
import { COLUMNS } from "./stanza.ts";

const LINE_FEED = 10;
/** In front of "BEGIN". */
const DASHES = 5;
const PIECE_BYTES = 65_536;

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
 * The reverse, as strict as {@link ArmorReader}.
 *
 * @throws {LetheError} `ERR_LETHE_ENVELOPE_FORMAT`
 */
export function unarmor(bytes: View): View {
  const reader = new ArmorReader();
  const pieces: View[] = [];
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    pieces.push(reader.push(within(bytes, at, Math.min(bytes.length, at + PIECE_BYTES))));
  }
  reader.end();
  return joinAll(pieces);
}
