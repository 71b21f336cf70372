import { encodeText } from "../../core/text.ts";

/**
 * What an envelope in a store is for, as its public context: four lines of ASCII, each with its end.
 *
 *     lethe/store 1
 *     KEY
 *     VERSION
 *     END, or -
 *
 * The MAC of the envelope's header covers it, so that an envelope does not open under another key than the one it was
 * published under, with another version, or for longer.
 */
export interface StoredContext {
  readonly key: string;
  /** The time of the publication in milliseconds since 1970; one more than the version before, where that is higher. */
  readonly version: number;
  /** Milliseconds since 1970, or null: for ever. */
  readonly end: number | null;
}

/** The context as bytes. */
export function formatContext({ key, version, end }: StoredContext): Uint8Array<ArrayBuffer> {
  return encodeText(`${FIRST_LINE}\n${key}\n${version}\n${end ?? "-"}\n`);
}

/** The reverse; null for anything that formatContext does not write. */
export function parseContext(bytes: Uint8Array | null): StoredContext | null {
  if (bytes === null) return null;
  const text = String.fromCharCode(...bytes.subarray(0, MOST_BYTES + 1));
  const match = FORM.exec(text);
  if (match === null || bytes.length > MOST_BYTES) return null;
  const [, key = "", version = "", end = ""] = match;
  const context = { key, version: Number(version), end: end === "-" ? null : Number(end) };
  const isSafe = Number.isSafeInteger(context.version) && (context.end ?? 0) <= LAST_TIME;
  return isSafe ? context : null;
}

const FIRST_LINE = "lethe/store 1";
const FORM = /^lethe\/store 1\n([\x21-\x7e]{1,200})\n([1-9]\d{0,15})\n(-|0|[1-9]\d{0,15})\n$/;
const MOST_BYTES = 300;
/** Of a Date. */
const LAST_TIME = 8.64e15;
