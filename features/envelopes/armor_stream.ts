import { encodeLines } from "./armor.ts";
import { ArmorReader, BEGIN, END } from "./armor_reader.ts";
import { joined, type View, within } from "./bytes.ts";
import { COLUMNS } from "./stanza.ts";

const LINE_FEED = 10;
/** Bytes of a full line. */
const LINE_BYTES = (COLUMNS / 4) * 3;

/** The bytes of an age file as text that comes in pieces. */
export async function* unarmored(
  source: AsyncIterable<View>,
): AsyncGenerator<View, void, undefined> {
  const reader = new ArmorReader();
  for await (const piece of source) {
    const bytes = reader.push(piece);
    if (bytes.length > 0) yield bytes;
  }
  reader.end();
}

/** The reverse, as `armor` writes it. */
export async function* armored(source: AsyncIterable<View>): AsyncGenerator<View, void, undefined> {
  yield joined(BEGIN, [LINE_FEED]);
  let rest: View = new Uint8Array(new ArrayBuffer(0));
  for await (const piece of source) {
    const bytes = joined(rest, piece);
    const full = bytes.length - (bytes.length % LINE_BYTES);
    rest = within(bytes, full);
    if (full > 0) yield encodeLines(within(bytes, 0, full));
  }
  yield joined(rest.length === 0 ? [] : encodeLines(rest), END, [LINE_FEED]);
}
