import type { WorkingMemory } from "./working_memory.ts";

/** Bit of {@link WordIndex.filter} for words that begin an anchor; the lower bits are number formats. */
export const ANCHOR = 0x80;

/** 2^32 over the golden ratio, as a signed word. */
const MULTIPLIER = 0x9e3779b1 | 0;

/** Below the upper 20, which choose a place unless there are a million anchors and more. */
const TAG_SHIFT = 4;

/**
 * From a 32-bit word to what it may be part of.
 *
 * The search asks `filter` for each word of memory: one multiplication and one load, and the answer
 * is nearly always 0. A set bit may be a collision, and so may an anchor: the index does not hold the
 * words themselves, which are pieces of the secrets. Whoever asks compares with the secret.
 */
export class WordIndex {
  /** Indexed by `Math.imul(word, multiplier) >>> shift`. */
  readonly filter: Uint8Array;
  readonly multiplier: number = MULTIPLIER;
  readonly shift: number;
  /** By the upper bits of the same product: the last anchor that was added, counted from 1. */
  readonly #heads: Uint32Array;
  readonly #headShift: number;
  /** By anchor: the one before it in the same place, and what the caller said of it. */
  readonly #next: Uint32Array;
  /** By anchor: eight more bits of the product, so that most others need not be compared. */
  readonly #tags: Uint8Array;
  readonly #patterns: Uint32Array;
  readonly #offsets: Uint32Array;
  #anchors = 0;

  /**
   * @param words about how many words will be marked
   * @param anchors how many anchors will be added
   */
  constructor(words: number, anchors: number, working: WorkingMemory) {
    const bits = Math.min(20, Math.max(15, Math.ceil(Math.log2(words * 32 + 1))));
    this.filter = working.bytes(2 ** bits);
    this.shift = 32 - bits;
    const headBits = Math.max(1, Math.ceil(Math.log2(anchors + 1)));
    this.#heads = working.words(2 ** headBits);
    this.#headShift = 32 - headBits;
    this.#next = working.words(anchors + 1);
    this.#tags = working.bytes(anchors + 1);
    this.#patterns = working.words(anchors + 1);
    this.#offsets = working.words(anchors + 1);
  }

  /** Marks `word` with `bit`. */
  mark(word: number, bit: number): void {
    const slot = Math.imul(word, this.multiplier) >>> this.shift;
    this.filter[slot] = (this.filter[slot] ?? 0) | bit;
  }

  /** What the filter has for `word`. */
  bits(word: number): number {
    return this.filter[Math.imul(word, this.multiplier) >>> this.shift] ?? 0;
  }

  /** Adds an anchor: `word` is at `offset` of a pattern's form. */
  addAnchor(word: number, pattern: number, offset: number): void {
    this.mark(word, ANCHOR);
    const product = Math.imul(word, this.multiplier);
    const head = product >>> this.#headShift;
    this.#anchors += 1;
    this.#next[this.#anchors] = this.#heads[head] ?? 0;
    this.#tags[this.#anchors] = product >>> TAG_SHIFT;
    this.#patterns[this.#anchors] = pattern;
    this.#offsets[this.#anchors] = offset;
    this.#heads[head] = this.#anchors;
  }

  /** The first of the anchors that `word` may be, or 0. */
  firstAnchor(word: number): number {
    const product = Math.imul(word, this.multiplier);
    return this.#matching(this.#heads[product >>> this.#headShift] ?? 0, product);
  }

  /** The one behind `anchor` that `word` may be, or 0. */
  nextAnchor(anchor: number, word: number): number {
    return this.#matching(this.#next[anchor] ?? 0, Math.imul(word, this.multiplier));
  }

  patternOf(anchor: number): number {
    return this.#patterns[anchor] ?? 0;
  }

  offsetOf(anchor: number): number {
    return this.#offsets[anchor] ?? 0;
  }

  #matching(anchor: number, product: number): number {
    const tag = (product >>> TAG_SHIFT) & 0xff;
    let at = anchor;
    while (at !== 0 && this.#tags[at] !== tag) at = this.#next[at] ?? 0;
    return at;
  }
}
