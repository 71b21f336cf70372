import { isResidue, type PreparedNeedle } from "./needle.ts";
import { NUMBER_FORMATS, type NumberFormat } from "./number_formats.ts";
import type { Places } from "./places.ts";
import type { OnRun, Window } from "./window.ts";
import type { WordIndex } from "./word_index.ts";
import type { WorkingMemory } from "./working_memory.ts";

const ONE_WORD = bitsWhere(({ stride }) => stride === 1);
const TWO_WORDS = bitsWhere(({ stride }) => stride === 2);

/**
 * Finds arrays of numbers, one element per secret byte.
 *
 * It is asked about words that hold a nonzero byte of a needle in some format, and goes on only where
 * the next element makes a pair with it that some needle has. Neither a zero nor the last element is
 * ever the place to begin, and need not be: four distinct values in a run leave three that are not
 * zero, and two of them are not the last.
 */
export class NumberSearch {
  readonly #needles: readonly PreparedNeedle[];
  readonly #index: WordIndex;
  /** The formats of a zero: all of them if any needle has one. */
  readonly #zero: number;
  /** A bit for each pair of bytes: whether some needle has them beside each other. */
  readonly #pairs: Uint32Array;
  readonly #places: Places;
  /** Per needle and format: where the run last seen in this window would begin, and its end. */
  readonly #origins: Float64Array;
  readonly #reached: Float64Array;

  constructor(
    needles: readonly PreparedNeedle[],
    index: WordIndex,
    places: Places,
    working: WorkingMemory,
  ) {
    this.#needles = needles;
    this.#index = index;
    this.#places = places;
    this.#pairs = working.words(65536 / 32);
    this.#zero = needles.some(({ bytes }) => bytes.includes(0)) ? ONE_WORD | TWO_WORDS : 0;
    this.#origins = new Float64Array(needles.length * NUMBER_FORMATS.length);
    this.#reached = new Float64Array(needles.length * NUMBER_FORMATS.length);
    for (const { bytes } of needles) {
      for (let position = 0; position < bytes.length; position += 1) {
        const value = bytes[position] ?? 0;
        if (position > 0) this.#addPair(bytes[position - 1] ?? 0, value);
        if (value === 0) continue;
        NUMBER_FORMATS.forEach(({ words }, format) => {
          index.mark(words[value] ?? 0, 1 << format);
        });
      }
    }
  }

  /** To be called for each new window. */
  begin(): void {
    this.#reached.fill(0);
  }

  /** Looks at word `at` of the window in each format whose bit is set. */
  visit(window: Window, at: number, formats: number, onRun: OnRun): void {
    // Small integers are everywhere: most are sorted out by asking the filter about the element behind.
    const { words } = window;
    const beside = this.#formatsOf(words[at + 1]);
    const beyond = this.#formatsOf(words[at + 2]);
    const left = formats & ((beside & ONE_WORD) | (beyond & TWO_WORDS));
    if (left === 0) return;
    for (let bit = 0; bit < NUMBER_FORMATS.length; bit += 1) {
      const format = NUMBER_FORMATS[bit];
      if ((left & (1 << bit)) !== 0 && format !== undefined)
        this.#visitFormat(window, at, format, bit, onRun);
    }
  }

  #formatsOf(word: number | undefined): number {
    return word === undefined ? 0 : word === 0 ? this.#zero : this.#index.bits(word);
  }

  #visitFormat(window: Window, at: number, format: NumberFormat, bit: number, onRun: OnRun): void {
    const { stride, valueAt, aligned, encoding } = format;
    const element = at - valueAt;
    if (aligned && (element & 1) !== 0) return;
    const value = byteAt(window, element, format);
    if (value <= 0) return;
    const next = byteAt(window, element + stride, format);
    if (next < 0 || !this.#hasPair(value, next)) return;
    const places = this.#places;
    for (let place = places.first(value); place < places.end(value); place += 1) {
      const needle = places.needleAt(place);
      const position = places.positionAt(place);
      const prepared = this.#needles[needle];
      if (prepared === undefined) continue;
      const { bytes, fragmentBytes } = prepared;
      const origin = element - position * stride;
      const slot = needle * NUMBER_FORMATS.length + bit;
      if (this.#origins[slot] === origin && element < (this.#reached[slot] ?? 0)) continue;
      const same = (k: number): boolean => byteAt(window, origin + k * stride, format) === bytes[k];
      let first = position;
      let end = first + 1;
      while (first > 0 && same(first - 1)) first -= 1;
      while (end < bytes.length && same(end)) end += 1;
      this.#origins[slot] = origin;
      this.#reached[slot] = origin + end * stride;
      if (end - first < fragmentBytes || !isResidue(prepared, first, end)) continue;
      const start = window.base + (origin + first * stride) * 4;
      onRun(needle, encoding, start, start + (end - first) * stride * 4, end - first);
    }
  }

  #addPair(value: number, next: number): void {
    const at = (value << 3) | (next >> 5);
    this.#pairs[at] = (this.#pairs[at] ?? 0) | (1 << (next & 31));
  }

  #hasPair(value: number, next: number): boolean {
    return (((this.#pairs[(value << 3) | (next >> 5)] ?? 0) >>> (next & 31)) & 1) === 1;
  }
}

function bitsWhere(holds: (format: NumberFormat) => boolean): number {
  return NUMBER_FORMATS.reduce(
    (bits, format, bit) => (holds(format) ? bits | (1 << bit) : bits),
    0,
  );
}

/** The byte that the element at word `at` holds, or -1. */
function byteAt({ words, from, to }: Window, at: number, format: NumberFormat): number {
  const { stride, valueAt, other, values } = format;
  if (at * 4 < from || (at + stride) * 4 > to) return -1;
  if (stride === 2 && words[at + 1 - valueAt] !== other) return -1;
  return values.get(words[at + valueAt] ?? 0) ?? -1;
}
