import { hasAt } from "../../core/sealed_key_mark.ts";
import { BEGIN, broken, decode, END, encodeLines, isLine, lineOf, textStart } from "./armor.ts";
import { joinAll, joined, type View, within } from "./bytes.ts";
import { COLUMNS } from "./stanza.ts";

const LINE_FEED = 10;
const PADDING = 0x3d;
/** Bytes of a full line. */
const LINE_BYTES = (COLUMNS / 4) * 3;

/** The bytes of an age file as text that comes in pieces. As strict as `unarmor`, and keeps a line at most. */
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

class ArmorReader {
  #state: "before" | "lines" | "after" = "before";
  /** The beginning of a line. */
  #kept: View = new Uint8Array(new ArrayBuffer(0));
  #any = false;
  /** A line that is not full, or is padded: no other one may follow. */
  #isLast = false;

  push(piece: View): View {
    let text = this.#kept.length === 0 ? piece : joined(this.#kept, piece);
    if (this.#state === "before") text = this.#begin(text);
    const lines: View[] = [];
    if (this.#state === "lines") text = this.#take(text, lines);
    if (this.#state === "after") {
      if (textStart(text) < text.length) throw broken();
      text = within(text, text.length);
    }
    this.#kept = text.slice();
    return lines.length === 0 ? this.#nothing : decode(joinAll(lines));
  }

  end(): void {
    if (this.#state !== "after" || !this.#any) throw broken();
  }

  readonly #nothing: View = new Uint8Array(new ArrayBuffer(0));

  #begin(given: View): View {
    const text = within(given, textStart(given));
    const feed = text.indexOf(LINE_FEED);
    if (feed < 0) {
      if (text.length > BEGIN.length + 1) throw broken();
      return text;
    }
    if (!isLine(lineOf(text, 0, feed), BEGIN)) throw broken();
    this.#state = "lines";
    return within(text, feed + 1);
  }

  /** Takes whole lines. @returns what stands behind them */
  #take(text: View, lines: View[]): View {
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
      lines.push(line);
      start = feed + 1;
    }
  }
}
