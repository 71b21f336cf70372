/** Bit of {@link WordIndex.filter} for words that begin an anchor; the lower bits are number formats. */
export const ANCHOR = 0x80;

/** 2^32 over the golden ratio, as a signed word. */
const MULTIPLIER = 0x9e3779b1 | 0;

/**
 * From a 32-bit word to what it may be part of.
 *
 * The search asks `filter` for each word of memory: one multiplication and one load, and the answer
 * is nearly always 0. A set bit may be a collision; `anchors` then compares the word itself.
 */
export class WordIndex {
  /** Indexed by `Math.imul(word, multiplier) >>> shift`. */
  readonly filter: Uint8Array;
  readonly multiplier: number = MULTIPLIER;
  readonly shift: number;
  readonly #anchors = new Map<number, number[]>();

  /** @param size about how many words will be added */
  constructor(size: number) {
    const bits = Math.min(20, Math.max(15, Math.ceil(Math.log2(size * 32 + 1))));
    this.filter = new Uint8Array(2 ** bits);
    this.shift = 32 - bits;
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

  /** Adds an anchor: the caller's `id` is given back for each place where `word` is found. */
  addAnchor(word: number, id: number): void {
    this.mark(word, ANCHOR);
    const ids = this.#anchors.get(word | 0);
    if (ids === undefined) this.#anchors.set(word | 0, [id]);
    else if (!ids.includes(id)) ids.push(id);
  }

  anchors(word: number): readonly number[] | undefined {
    return this.#anchors.get(word | 0);
  }

  /** Drops every word: they are parts of the secrets. */
  clear(): void {
    this.filter.fill(0);
    this.#anchors.clear();
  }
}

/** The four bytes from `offset` on as the little-endian word that memory holds. */
export function wordAt(bytes: Uint8Array, offset: number): number {
  return (
    (bytes[offset] ?? 0) |
    ((bytes[offset + 1] ?? 0) << 8) |
    ((bytes[offset + 2] ?? 0) << 16) |
    ((bytes[offset + 3] ?? 0) << 24)
  );
}
