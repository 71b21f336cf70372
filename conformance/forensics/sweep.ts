import type { OnRun, Search, Window } from "./window.ts";
import type { WorkingMemory } from "./working_memory.ts";

/**
 * Joins what is read of a target into windows, and searches each.
 *
 * Reads that follow each other without a gap, across the borders of chunks, mappings and segments,
 * are searched as one. A window keeps the end of the one before it, so that every run lies whole in
 * one of the two:
 *
 *     window 1   |----------------------------|
 *     window 2                       |----------------------------|
 *                                     overlap: longer than any run
 */
export class Sweep {
  readonly #search: Search;
  readonly #onRun: OnRun;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #words: Uint32Array<ArrayBuffer>;
  readonly #overlap: number;
  #base = 0;
  #from = 0;
  #to = 0;
  #continued = false;
  #bytesSwept = 0;

  /** @param chunkBytes how much new memory a window takes */
  constructor(search: Search, chunkBytes: number, onRun: OnRun, working: WorkingMemory) {
    this.#search = search;
    this.#onRun = onRun;
    // 16 more than the longest run: neither its neighbours nor an aligned word are cut off.
    this.#overlap = Math.ceil(search.longestRun / 8) * 8 + 16;
    this.#bytes = working.bytes(this.#overlap + Math.ceil(chunkBytes / 8) * 8 + 8);
    const { buffer, byteOffset, byteLength } = this.#bytes;
    this.#words = new Uint32Array(buffer, byteOffset, byteLength / 4);
  }

  /** How many bytes were handed over, each counted once. */
  get bytesSwept(): number {
    return this.#bytesSwept;
  }

  /** Where the bytes at `address` are to be read into: at least one byte, at most `byteLength`. */
  space(address: number, byteLength: number): Uint8Array {
    if (this.#to === this.#from || address !== this.#base + this.#to) this.#begin(address);
    else if (this.#to === this.#bytes.length) this.#turn();
    return this.#bytes.subarray(this.#to, Math.min(this.#bytes.length, this.#to + byteLength));
  }

  /** Says that the first `byteLength` bytes of the space were filled. */
  filled(byteLength: number): void {
    this.#to += byteLength;
    this.#bytesSwept += byteLength;
  }

  /** Searches what is left. */
  finish(): void {
    this.#look(false);
    this.#from = this.#to = 0;
  }

  #begin(address: number): void {
    this.#look(false);
    this.#base = address - (address % 8);
    this.#from = this.#to = address % 8;
    this.#continued = false;
  }

  #turn(): void {
    this.#look(true);
    const kept = this.#to - this.#overlap;
    this.#bytes.copyWithin(0, kept);
    this.#base += kept;
    this.#from = 0;
    this.#to = this.#overlap;
    this.#continued = true;
  }

  #look(continues: boolean): void {
    if (this.#to === this.#from) return;
    if (this.#to === this.#bytes.length && isZero(this.#words)) return;
    const window: Window = {
      bytes: this.#bytes,
      words: this.#words,
      base: this.#base,
      from: this.#from,
      to: this.#to,
      continued: this.#continued,
      continues,
    };
    this.#search.search(window, this.#onRun);
  }
}

/**
 * Core files of Bun are gigabytes of holes, and fresh memory is zero. Nothing lies in a window of
 * zeros alone: every encoding of four distinct byte values has other bytes in it, and a needle
 * without those is refused.
 */
function isZero(words: Uint32Array): boolean {
  for (let index = 0; index < words.length; index += 1) if (words[index] !== 0) return false;
  return true;
}
