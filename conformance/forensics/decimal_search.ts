import { NumberText, textEdge } from "./decimal_text.ts";
import { isResidue, type PreparedNeedle } from "./needle.ts";
import type { Places } from "./places.ts";
import type { OnRun, Window } from "./window.ts";
import type { WorkingMemory } from "./working_memory.ts";

/** Three digits, a comma and 16 blanks, in two bytes a character. */
const LONGEST_NUMBER = 40;

/**
 * Finds decimal text: `171,8,205`, `171, 8, 205`, and the padded columns and lines of the inspectors.
 *
 * An anchor tells where such text may be. The text around it is then read number by number, once for
 * all anchors that lie close together.
 */
export class DecimalSearch {
  readonly longestRun: number;
  readonly #needles: readonly PreparedNeedle[];
  readonly #places: Places;
  readonly #longest: number;
  readonly #text: NumberText;
  /** Text of one byte a character, of two at even or at odd offsets: up to where anchors are dealt with. */
  readonly #done: [number, number, number] = [0, 0, 0];

  constructor(needles: readonly PreparedNeedle[], places: Places, working: WorkingMemory) {
    this.#needles = needles;
    this.#places = places;
    this.#longest = needles.reduce((most, { bytes }) => Math.max(most, bytes.length), 0);
    this.longestRun = this.#longest * LONGEST_NUMBER;
    // Behind an anchor as many as a needle has, and beyond those on either side one more.
    this.#text = new NumberText(3 * (this.#longest + 1), working);
  }

  /** To be called for each new window. */
  begin(): void {
    this.#done.fill(0);
  }

  /** Reads the text around the anchor that was found at `at`. */
  visit(window: Window, at: number, onRun: OnRun): void {
    const { bytes } = window;
    if (bytes[at] === 0) this.#read(window, at + 1, 2, onRun);
    else this.#read(window, at, bytes[at + 1] === 0 ? 2 : 1, onRun);
  }

  #read(window: Window, at: number, width: 1 | 2, onRun: OnRun): void {
    const lane = width === 1 ? 0 : (at & 1) === 0 ? 1 : 2;
    if (at < this.#done[lane]) return;
    // An anchor before `near` lies in no run that leaves this text: it need not be read again.
    const near = textEdge(window, at, width, 1, this.#longest);
    const from = textEdge(window, at, width, -1, this.#longest + 1);
    const to = textEdge(window, near, width, 1, this.#longest + 1);
    this.#done[lane] = near;
    const text = this.#text;
    text.read(window, from, to, width);
    const encoding = width === 1 ? "decimal" : "decimal-utf16";
    for (let item = 0; item < text.length; item += 1) {
      const value = text.valueAt(item);
      if (value < 0) continue;
      const before = text.isJoined(item) ? text.valueAt(item - 1) : -1;
      const behind = text.isJoined(item + 1) ? text.valueAt(item + 1) : -1;
      const end = this.#places.end(value);
      for (let place = this.#places.first(value); place < end; place += 1) {
        const needle = this.#places.needleAt(place);
        const first = this.#places.positionAt(place);
        const prepared = this.#needles[needle];
        if (prepared === undefined) continue;
        const { bytes, fragmentBytes } = prepared;
        // All but runs of two and more that begin here are sorted out by their neighbours.
        if (bytes[first + 1] !== behind) continue;
        if (first > 0 && before === bytes[first - 1]) continue;
        let length = 1;
        while (
          first + length < bytes.length &&
          text.isJoined(item + length) &&
          text.valueAt(item + length) === bytes[first + length]
        ) {
          length += 1;
        }
        if (length < fragmentBytes || !isResidue(prepared, first, first + length)) continue;
        const [start, last] = [text.startOf(item), text.endOf(item + length - 1)];
        onRun(needle, encoding, window.base + start, window.base + last, length);
      }
    }
  }
}
