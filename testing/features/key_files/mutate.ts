import { withChecksum } from "./reference_seal.ts";

/** Gives a mutation of `originals[index]`: random, and the same for the same seed. */
export function mutator(
  seed: number,
  originals: readonly Uint8Array[],
): (index: number) => Uint8Array {
  let state = seed | 0;
  /** xorshift32 (Marsaglia 2003). */
  const below = (bound: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
  const at = (file: Uint8Array): number => below(file.length);
  const MUTATIONS: readonly ((file: Uint8Array) => Uint8Array)[] = [
    (file) => file,
    (file) => set(file, at(file), (byte) => byte ^ (1 << below(8))),
    (file) => set(file, at(file), () => below(256)),
    (file) => file.subarray(0, below(file.length + 1)),
    (file) => join(file, new Uint8Array(1 + below(300)).fill(below(256))),
    (file) => join(file.subarray(0, at(file)), file.subarray(at(file))),
    (file) => {
      const other = originals[below(originals.length)] as Uint8Array;
      const cut = at(file);
      return join(file.subarray(0, cut), other.subarray(cut));
    },
    (file) => {
      const copy = Uint8Array.from(file);
      const start = at(file);
      return copy.fill(below(2) * 255, start, start + below(40));
    },
    // The fields of the header, one of them or the most that they hold.
    ...[12, 16, 20].map((offset) => (file: Uint8Array) => {
      const copy = Uint8Array.from(file);
      if (copy.length < 24) return copy;
      const values = [
        0,
        1,
        2,
        8,
        32,
        64,
        65,
        500,
        501,
        65_536,
        2 ** 31,
        2 ** 32 - 1,
        below(2 ** 31),
      ];
      new DataView(copy.buffer).setUint32(offset, values[below(values.length)] as number, true);
      return copy;
    }),
    (file) => set(file, 8 + below(4), () => below(5)),
    (file) => Uint8Array.from(file, () => below(256)),
  ];
  return (index) => {
    let file = originals[index] as Uint8Array;
    for (let count = below(3); count >= 0; count--) {
      if (file.length > 0)
        file = (MUTATIONS[below(MUTATIONS.length)] as (f: Uint8Array) => Uint8Array)(file);
    }
    // Half of them as someone would who alters files on purpose.
    return below(2) === 0 ? withChecksum(file) : file;
  };
}

function set(file: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  const copy = Uint8Array.from(file);
  copy[at] = change(copy[at] ?? 0);
  return copy;
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
