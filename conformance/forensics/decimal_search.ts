import { readNumbers, textEdge } from "./decimal_text.ts";
import { isResidue, type PreparedNeedle } from "./needle.ts";
import type { OnRun, Window } from "./window.ts";

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
  readonly #longest: number;
  /** For each byte value, where the needles have it: needle, position, needle, position, ... */
  readonly #places: readonly number[][] = Array.from({ length: 256 }, () => []);
  /** Text of one byte a character, of two at even or at odd offsets: up to where anchors are dealt with. */
  readonly #done: [number, number, number] = [0, 0, 0];

  constructor(needles: readonly PreparedNeedle[]) {
    this.#needles = needles;
    this.#longest = needles.reduce((most, { bytes }) => Math.max(most, bytes.length), 0);
    this.longestRun = this.#longest * LONGEST_NUMBER;
    needles.forEach(({ bytes }, needle) => {
      bytes.forEach((value, position) => {
        this.#places[value]?.push(needle, position);
      });
    });
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
    const numbers = readNumbers(window, from, to, width);
    const encoding = width === 1 ? "decimal" : "decimal-utf16";
    for (let item = 0; item < numbers.values.length; item += 1) {
      const places = this.#places[numbers.values[item] ?? -1] ?? [];
      for (let place = 0; place < places.length; place += 2) {
        const needle = places[place] ?? 0;
        const first = places[place + 1] ?? 0;
        const prepared = this.#needles[needle];
        if (prepared === undefined) continue;
        const { bytes, fragmentBytes } = prepared;
        const { values, joined } = numbers;
        if (first > 0 && joined[item] && values[item - 1] === bytes[first - 1]) continue;
        let length = 1;
        while (
          first + length < bytes.length &&
          joined[item + length] &&
          values[item + length] === bytes[first + length]
        ) {
          length += 1;
        }
        if (length < fragmentBytes || !isResidue(prepared, first, first + length)) continue;
        const start = numbers.starts[item] ?? 0;
        const end = numbers.ends[item + length - 1] ?? 0;
        onRun(needle, encoding, window.base + start, window.base + end, length);
      }
    }
  }

  clear(): void {
    for (const places of this.#places) places.length = 0;
  }
}
