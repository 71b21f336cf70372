import type { Stanza } from "../../core/contract/key_wrapper.ts";
import { fromBase64, toBase64, toBytes, toText } from "./base64.ts";
import { joinAll, type View, within } from "./bytes.ts";
import { malformed } from "./refusal.ts";

/** Columns of a full line of a body. */
export const COLUMNS = 64;
const LINE_FEED = 10;
const SPACE = 32;
/** "-> " */
const ARROW = [45, 62, 32];

/** Reads lines of a header one after another. */
export class LineReader {
  readonly #bytes: View;
  #at = 0;

  constructor(bytes: View) {
    this.#bytes = bytes;
  }

  /** Where the next line begins. */
  get at(): number {
    return this.#at;
  }

  /** The next line without its end. */
  next(): View {
    const end = this.#bytes.indexOf(LINE_FEED, this.#at);
    if (end < 0) throw malformed("its header does not end");
    const line = within(this.#bytes, this.#at, end);
    this.#at = end + 1;
    return line;
  }
}

/** Whether a line begins a stanza. */
export function beginsStanza(line: Uint8Array): boolean {
  return ARROW.every((byte, index) => line[index] === byte);
}

/**
 * The stanza that `line` begins, and its body from the lines that follow.
 *
 * @throws {LetheError} `ERR_LETHE_ENVELOPE_FORMAT`
 */
export function readStanza(line: View, lines: LineReader): Stanza {
  const args = argumentsOf(line);
  const pieces: View[] = [];
  for (;;) {
    const piece = lines.next();
    if (piece.length > COLUMNS) throw malformed("a line of a stanza is too long");
    pieces.push(piece);
    if (piece.length < COLUMNS) break;
  }
  const body = fromBase64(joinAll(pieces));
  if (body === null) throw malformed("the body of a stanza is not canonical base64");
  return Object.freeze({ args, body });
}

/** What stands behind the arrow: at least one argument of visible characters, with single spaces between. */
export function argumentsOf(line: View): Stanza["args"] {
  const text = within(line, ARROW.length);
  for (let at = 0; at < text.length; at++) {
    const byte = text[at] as number;
    const isArgument = byte > SPACE && byte < 127;
    const isBetween = byte === SPACE && at > 0 && text[at - 1] !== SPACE && at < text.length - 1;
    if (!isArgument && !isBetween) throw malformed("an argument of a stanza is malformed");
  }
  if (text.length === 0) throw malformed("a stanza has no type");
  return Object.freeze(toText(text).split(" ")) as unknown as Stanza["args"];
}

/** A stanza as a header has it. */
export function formatStanza({ args, body }: Stanza): View {
  const text = toBase64(body);
  let lines = `-> ${args.join(" ")}\n`;
  for (let at = 0; at < text.length; at += COLUMNS) lines += `${text.slice(at, at + COLUMNS)}\n`;
  // A body ends with a line that is not full, and if that one is empty.
  if (text.length % COLUMNS === 0) lines += "\n";
  return toBytes(lines);
}
