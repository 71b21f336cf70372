import type { Stanza } from "../../core/contract/key_wrapper.ts";
import { ascii, hasAt } from "../../core/sealed_key_mark.ts";
import { fromBase64, toBase64, toBytes } from "./base64.ts";
import { copyOf, joinAll, joined, type View, within } from "./bytes.ts";
import { malformed } from "./refusal.ts";
import { beginsStanza, formatStanza, LineReader, readStanza } from "./stanza.ts";

/** More than a thousand recipients take; a longer header is refused before it is looked at. */
export const MOST_HEADER_BYTES: number = 1 << 20;
export const MAC_BYTES = 32;

const FAMILY = ascii("age-encryption.org/");
const VERSION = ascii("age-encryption.org/v1\n");
/** Of the first line. */
export const VERSION_BYTES: number = VERSION.length;
/** "---", then a space and the MAC. */
const END = ascii("---");

/** The head of an envelope, as it stands there. */
export interface Header {
  readonly stanzas: readonly Stanza[];
  /** What the MAC is over. */
  readonly covered: View;
  readonly mac: View;
  /** Of the whole header: the payload begins there. */
  readonly byteLength: number;
}

/**
 * Reads the header that `bytes` begin with (C2SP age, "ABNF definition of file header"), strictly: what is read
 * is what {@link formatHeader} would write of it, byte for byte.
 *
 * @throws {LetheError} `ERR_LETHE_ENVELOPE_FORMAT`
 */
export function parseHeader(bytes: View): Header {
  checkVersion(bytes);
  const whole = within(bytes, 0, Math.min(bytes.length, MOST_HEADER_BYTES));
  const lines = new LineReader(whole);
  lines.next();
  const stanzas: Stanza[] = [];
  for (;;) {
    const start = lines.at;
    const line = lines.next();
    if (beginsStanza(line)) {
      stanzas.push(readStanza(line, lines));
      continue;
    }
    if (stanzas.length === 0) throw malformed("its header has no stanza");
    const mac = macOf(line); // first: a line that ends a file may be shorter than its mark
    const covered = copyOf(within(whole, 0, start + END.length));
    return { stanzas, covered, mac, byteLength: lines.at };
  }
}

/** @throws {LetheError} unless it begins as version 1 does */
export function checkVersion(bytes: View): void {
  if (hasAt(bytes, 0, VERSION)) return;
  if (!hasAt(bytes, 0, FAMILY)) {
    throw malformed("it does not begin as an age file", "correct the path");
  }
  throw malformed(
    "it is an age file of another version, or its first line was changed",
    "open it with the program that made it",
  );
}

function macOf(line: View): View {
  const isEnd = hasAt(line, 0, END) && line[END.length] === 32;
  const mac = isEnd ? fromBase64(within(line, END.length + 1)) : null;
  if (mac?.length !== MAC_BYTES) throw malformed("its header ends without a MAC");
  return mac;
}

/** The part of a header that its MAC is over. */
export function coveredBytes(stanzas: readonly Stanza[]): View {
  return joinAll([VERSION, ...stanzas.map(formatStanza), END]);
}

/** A whole header. */
export function formatHeader(covered: View, mac: Uint8Array): View {
  return joined(covered, toBytes(` ${toBase64(mac)}\n`));
}
