import type { PreparedNeedle } from "./needle.ts";
import type { WorkingMemory } from "./working_memory.ts";

/** Where the needles have each byte value. */
export class Places {
  /** By value: the first of its places. Those of value 255 end at the last one. */
  readonly #first: Uint32Array;
  readonly #needles: Uint32Array;
  readonly #positions: Uint32Array;

  constructor(needles: readonly PreparedNeedle[], working: WorkingMemory) {
    const count = needles.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const first = working.words(257);
    this.#first = first;
    this.#needles = working.words(count);
    this.#positions = working.words(count);
    eachByte(needles, (value) => {
      first[value + 1] = (first[value + 1] ?? 0) + 1;
    });
    for (let value = 1; value < 257; value += 1) {
      first[value] = (first[value] ?? 0) + (first[value - 1] ?? 0);
    }
    const filled = working.words(256);
    eachByte(needles, (value, position, needle) => {
      const place = (first[value] ?? 0) + (filled[value] ?? 0);
      filled[value] = (filled[value] ?? 0) + 1;
      this.#needles[place] = needle;
      this.#positions[place] = position;
    });
  }

  /** The first place of `value`, 0 to 255, and the one behind its last. */
  first(value: number): number {
    return this.#first[value] ?? 0;
  }

  end(value: number): number {
    return this.#first[value + 1] ?? 0;
  }

  needleAt(place: number): number {
    return this.#needles[place] ?? 0;
  }

  /** Which byte of its needle it is. */
  positionAt(place: number): number {
    return this.#positions[place] ?? 0;
  }
}

function eachByte(
  needles: readonly PreparedNeedle[],
  use: (value: number, position: number, needle: number) => void,
): void {
  needles.forEach(({ bytes }, needle) => {
    for (let position = 0; position < bytes.length; position += 1) {
      use(bytes[position] ?? 0, position, needle);
    }
  });
}
