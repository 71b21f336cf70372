import { anchorOffsets } from "./anchors.ts";
import { decimalGrams } from "./decimal_anchors.ts";
import { DecimalSearch } from "./decimal_search.ts";
import type { PreparedNeedle } from "./needle.ts";
import { NumberSearch } from "./number_search.ts";
import { coverage, type Pattern, patternsOf } from "./pattern.ts";
import type { OnRun, Search, Window } from "./window.ts";
import { ANCHOR, WordIndex, wordAt } from "./word_index.ts";

/** Stands for the decimal search among the ids of the anchors. */
const DECIMAL = -1;

/** Two words of 32 bits for each byte of a needle. */
const LONGEST_NUMBER = 8;

/**
 * Looks for every encoding of every needle in one pass over aligned 32-bit words.
 *
 * Each word is looked up in a filter. Where it may begin something, the match is extended both ways,
 * byte by byte, number by number or element by element. `plain_search.ts` is its slow twin: it must
 * find the same runs.
 */
export class FastSearch implements Search {
  readonly longestRun: number;
  readonly #patterns: readonly Pattern[];
  readonly #index: WordIndex;
  readonly #numbers: NumberSearch;
  readonly #decimals: DecimalSearch;
  readonly #needles: readonly PreparedNeedle[];
  /** Per pattern, the run last reported in this window: where the form would begin, and the run's end. */
  readonly #lastOrigin: Float64Array;
  readonly #lastEnd: Float64Array;

  constructor(needles: readonly PreparedNeedle[]) {
    this.#needles = needles;
    this.#patterns = patternsOf(needles);
    const anchors = this.#patterns.map(anchorOffsets);
    const grams = needles.map(decimalGrams).flatMap(({ narrow, wide }) => [...narrow, ...wide]);
    this.#index = new WordIndex(anchors.flat().length + grams.length);
    anchors.forEach((offsets, id) => {
      const bytes = this.#patterns[id]?.form.bytes ?? new Uint8Array(0);
      for (const offset of offsets)
        this.#index.addAnchor(wordAt(bytes, offset), packed(id, offset));
    });
    for (const gram of grams) this.#index.addAnchor(wordAt(Uint8Array.from(gram), 0), DECIMAL);
    this.#numbers = new NumberSearch(needles, this.#index);
    this.#decimals = new DecimalSearch(needles);
    this.#lastOrigin = new Float64Array(this.#patterns.length);
    this.#lastEnd = new Float64Array(this.#patterns.length);
    this.longestRun = Math.max(
      this.#decimals.longestRun,
      ...needles.map(({ bytes }) => bytes.length * LONGEST_NUMBER),
      ...this.#patterns.map(({ form }) => form.bytes.length),
    );
  }

  search(window: Window, onRun: OnRun): void {
    this.#lastEnd.fill(0);
    this.#numbers.begin();
    this.#decimals.begin();
    const { words, from, to } = window;
    const { filter, multiplier, shift } = this.#index;
    const zeroMeansNothing = filter[0] === 0;
    const end = to >> 2;
    let at = (from + 3) >> 2;
    // Four words a turn: the loads overlap, and zeros, half of most memory, cost one comparison.
    for (; at + 4 <= end; at += 4) {
      const a = words[at] as number;
      const b = words[at + 1] as number;
      const c = words[at + 2] as number;
      const d = words[at + 3] as number;
      if ((a | b | c | d) === 0 && zeroMeansNothing) continue;
      const foundA = filter[Math.imul(a, multiplier) >>> shift] as number;
      const foundB = filter[Math.imul(b, multiplier) >>> shift] as number;
      const foundC = filter[Math.imul(c, multiplier) >>> shift] as number;
      const foundD = filter[Math.imul(d, multiplier) >>> shift] as number;
      if ((foundA | foundB | foundC | foundD) === 0) continue;
      if (foundA !== 0) this.#visit(window, at, a, foundA, onRun);
      if (foundB !== 0) this.#visit(window, at + 1, b, foundB, onRun);
      if (foundC !== 0) this.#visit(window, at + 2, c, foundC, onRun);
      if (foundD !== 0) this.#visit(window, at + 3, d, foundD, onRun);
    }
    for (; at < end; at += 1) {
      const word = words[at] as number;
      const found = filter[Math.imul(word, multiplier) >>> shift] as number;
      if (found !== 0) this.#visit(window, at, word, found, onRun);
    }
  }

  #visit(window: Window, at: number, word: number, found: number, onRun: OnRun): void {
    if ((found & ANCHOR) !== 0) {
      const ids = this.#index.anchors(word);
      if (ids !== undefined) {
        for (const id of ids) {
          if (id === DECIMAL) this.#decimals.visit(window, at * 4, onRun);
          else this.#extend(window, at * 4, Math.floor(id / PACK), id % PACK, onRun);
        }
      }
    }
    const formats = found & (ANCHOR - 1);
    if (formats !== 0) this.#numbers.visit(window, at, formats, onRun);
  }

  /** The anchor at `offset` of a form was found at `at`: how far does the form reach both ways? */
  #extend(
    { bytes, base, from, to }: Window,
    at: number,
    id: number,
    offset: number,
    onRun: OnRun,
  ): void {
    const pattern = this.#patterns[id];
    if (pattern === undefined) return;
    const form = pattern.form.bytes;
    const origin = at - offset;
    if (this.#lastOrigin[id] === origin && at < (this.#lastEnd[id] ?? 0)) return;
    let first = offset;
    while (first > 0 && origin + first > from && bytes[origin + first - 1] === form[first - 1])
      first -= 1;
    let end = offset + 4;
    while (end < form.length && origin + end < to && bytes[origin + end] === form[end]) end += 1;
    this.#lastOrigin[id] = origin;
    this.#lastEnd[id] = origin + end;
    const covered = coverage(pattern, first, end);
    if (covered === null) return;
    const start = base + origin + covered.from;
    onRun(pattern.needle, pattern.form.encoding, start, base + origin + covered.to, covered.bytes);
  }

  clear(): void {
    for (const { form } of this.#patterns) form.bytes.fill(0);
    for (const { bytes } of this.#needles) bytes.fill(0);
    this.#index.clear();
    this.#numbers.clear();
    this.#decimals.clear();
  }
}

/** Longer than any form: 16 KiB of secret at 24 bytes each. */
const PACK = 2 ** 21;

function packed(id: number, offset: number): number {
  return id * PACK + offset;
}
