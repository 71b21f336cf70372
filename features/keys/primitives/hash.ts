import type { Workspace } from "./workspace.ts";

/** A hash of the Merkle-Damgård kind: what is done with each block. Words are big-endian. */
export interface HashFunction {
  readonly blockBytes: number;
  readonly digestBytes: number;
  readonly stateWords: number;
  readonly scheduleWords: number;
  start(state: Int32Array): void;
  /** Takes the block of `schedule`, whose first words it is. The rest of `schedule` is room. */
  compress(state: Int32Array, schedule: Int32Array): void;
}

/** A hash that works in secret memory alone, apart from the words that are in registers. */
export class Hasher {
  readonly #hash: HashFunction;
  readonly #state: Int32Array;
  readonly #schedule: Int32Array;
  readonly #block: Uint8Array;
  /** Bytes so far; those above the last whole block are in `#block`. */
  #length = 0;

  constructor(hash: HashFunction, space: Workspace) {
    this.#hash = hash;
    this.#state = space.words(hash.stateWords);
    this.#schedule = space.words(hash.scheduleWords);
    this.#block = space.bytes(hash.blockBytes);
    hash.start(this.#state);
  }

  /** What one takes of a {@link Workspace}. */
  static room({ stateWords, scheduleWords, blockBytes }: HashFunction): number {
    return stateWords * 4 + scheduleWords * 4 + blockBytes + 48;
  }

  reset(): void {
    this.#hash.start(this.#state);
    this.#length = 0;
  }

  /** Where it stands after whole blocks: as many words as the state has. */
  readState(words: Int32Array): void {
    words.set(this.#state);
  }

  /** Becomes what `other` is now, which must have taken whole blocks. */
  resume(other: Hasher): void {
    this.#state.set(other.#state);
    this.#length = other.#length;
  }

  update(bytes: Uint8Array): void {
    const { blockBytes } = this.#hash;
    for (let index = 0; index < bytes.length; index++) {
      const at = this.#length % blockBytes;
      this.#block[at] = bytes[index] as number;
      this.#length += 1;
      if (at === blockBytes - 1) this.#compress();
    }
  }

  /** Writes the digest, or its first bytes. It must be reset or resumed before it is used again. */
  digest(target: Uint8Array): void {
    const { blockBytes } = this.#hash;
    const block = this.#block;
    const bits = this.#length * 8; // below 2^53
    let at = this.#length % blockBytes;
    block[at++] = 0x80;
    if (at > blockBytes - blockBytes / 8) {
      block.fill(0, at);
      this.#compress();
      at = 0;
    }
    block.fill(0, at);
    for (let index = 0; index < 7; index++) {
      block[blockBytes - 1 - index] = Math.floor(bits / 256 ** index) & 255;
    }
    this.#compress();
    for (let index = 0; index < target.length; index++) {
      target[index] = (this.#state[index >> 2] as number) >> (24 - (index & 3) * 8);
    }
  }

  #compress(): void {
    const block = this.#block;
    const schedule = this.#schedule;
    for (let index = 0, at = 0; at < block.length; index++, at += 4) {
      schedule[index] =
        ((block[at] as number) << 24) |
        ((block[at + 1] as number) << 16) |
        ((block[at + 2] as number) << 8) |
        (block[at + 3] as number);
    }
    this.#hash.compress(this.#state, schedule);
  }
}
