import { anchorOffsets } from "./anchors.ts";
import { decimalWords } from "./decimal_anchors.ts";
import { DecimalSearch } from "./decimal_search.ts";
import { mayBeText } from "./decimal_text.ts";
import { wordOf } from "./form.ts";
import type { PreparedNeedle } from "./needle.ts";
import { NumberSearch } from "./number_search.ts";
import { coverage, type Pattern, patternsOf } from "./pattern.ts";
import { Places } from "./places.ts";
import type { OnRun, Search, Window } from "./window.ts";
import { ANCHOR, WordIndex } from "./word_index.ts";
import type { WorkingMemory } from "./working_memory.ts";

/** Two words of 32 bits for each byte of a needle. */
const LONGEST_NUMBER = 8;

/**
 * Looks for every encoding of every needle in one pass over aligned 32-bit words.
 *
 * Each word is looked up in a filter. Where it may begin something, the match is extended both ways,
 * byte by byte, number by number or element by element. `plain_search.ts` is its slow twin: it must
 * find the same runs.
 *
 * It reads the needles where they are. What it keeps of them is in the working memory.
 */
export class FastSearch implements Search {
  readonly longestRun: number;
  readonly #patterns: readonly Pattern[];
  readonly #index: WordIndex;
  readonly #numbers: NumberSearch;
  readonly #decimals: DecimalSearch;
  /** Per pattern, the run last reported in this window: where the form would begin, and the run's end. */
  readonly #lastOrigin: Float64Array;
  readonly #lastEnd: Float64Array;

  constructor(needles: readonly PreparedNeedle[], working: WorkingMemory) {
    this.#patterns = patternsOf(needles, working);
    const anchors = this.#patterns.map(anchorOffsets);
    const count = anchors.reduce((sum, { length }) => sum + length, 0);
    this.#index = new WordIndex(count + countDecimals(needles), count, working);
    this.#patterns.forEach(({ form }, id) => {
      for (const offset of anchors[id] ?? [])
        this.#index.addAnchor(wordOf(form, offset), id, offset);
    });
    for (const needle of needles) decimalWords(needle, (word) => this.#index.mark(word, ANCHOR));
    const places = new Places(needles, working);
    this.#numbers = new NumberSearch(needles, this.#index, places, working);
    this.#decimals = new DecimalSearch(needles, places, working);
    this.#lastOrigin = new Float64Array(this.#patterns.length);
    this.#lastEnd = new Float64Array(this.#patterns.length);
    this.longestRun = Math.max(
      this.#decimals.longestRun,
      ...needles.map(({ bytes }) => bytes.length * LONGEST_NUMBER),
      ...this.#patterns.map(({ form }) => form.byteLength),
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
      const index = this.#index;
      for (
        let anchor = index.firstAnchor(word);
        anchor !== 0;
        anchor = index.nextAnchor(anchor, word)
      ) {
        const id = index.patternOf(anchor);
        this.#extend(window, at * 4, word, id, index.offsetOf(anchor), onRun);
      }
      if (mayBeText(word)) this.#decimals.visit(window, at * 4, onRun);
    }
    const formats = found & (ANCHOR - 1);
    if (formats !== 0) this.#numbers.visit(window, at, formats, onRun);
  }

  /** The anchor at `offset` of a form may be at `at`: how far does the form reach both ways? */
  #extend(
    { bytes, base, from, to }: Window,
    at: number,
    word: number,
    id: number,
    offset: number,
    onRun: OnRun,
  ): void {
    const pattern = this.#patterns[id];
    if (pattern === undefined) return;
    const { form } = pattern;
    if ((word & 0xff) !== form.byteAt(offset) || (word | 0) !== wordOf(form, offset)) return;
    const origin = at - offset;
    if (this.#lastOrigin[id] === origin && at < (this.#lastEnd[id] ?? 0)) return;
    let first = offset;
    while (
      first > 0 &&
      origin + first > from &&
      bytes[origin + first - 1] === form.byteAt(first - 1)
    ) {
      first -= 1;
    }
    let end = offset + 4;
    const last = Math.min(form.byteLength, to - origin);
    while (end < last && bytes[origin + end] === form.byteAt(end)) end += 1;
    this.#lastOrigin[id] = origin;
    this.#lastEnd[id] = origin + end;
    const covered = coverage(pattern, first, end);
    if (covered === null) return;
    const start = base + origin + covered.from;
    onRun(pattern.needle, form.encoding, start, base + origin + covered.to, covered.bytes);
  }
}

function countDecimals(needles: readonly PreparedNeedle[]): number {
  let count = 0;
  for (const needle of needles) {
    decimalWords(needle, () => {
      count += 1;
    });
  }
  return count;
}
