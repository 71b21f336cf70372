/** Gives a mutation of `original` at each call: random, and the same for the same seed. */
export function mutator(seed: number, original: Uint8Array): () => Uint8Array<ArrayBuffer> {
  let state = seed | 0;
  /** xorshift32 (Marsaglia 2003). */
  const below = (bound: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
  type Bytes = number[];
  const at = (bytes: Bytes): number => below(bytes.length);
  const set = (bytes: Bytes, value: (byte: number) => number): Bytes => {
    const place = at(bytes);
    return bytes.with(place, value(bytes[place] ?? 0) & 255);
  };
  const MUTATIONS: readonly ((bytes: Bytes) => Bytes)[] = [
    (bytes) => set(bytes, (byte) => byte ^ (1 << below(8))),
    (bytes) => set(bytes, () => below(256)),
    // Lengths, tags, signs, quotes and brackets.
    (bytes) => set(bytes, () => TELLING[below(TELLING.length)] ?? 0),
    (bytes) => set(bytes, (byte) => byte + (below(2) === 0 ? 1 : -1)),
    // The beginning has the fields.
    (bytes) => bytes.with(below(Math.min(48, bytes.length)), below(256)),
    (bytes) => bytes.slice(0, below(bytes.length + 1)),
    (bytes) => bytes.toSpliced(at(bytes), 1 + below(8)),
    (bytes) => bytes.concat(new Array(1 + below(40)).fill(below(256))),
    (bytes) => bytes.toSpliced(at(bytes), 0, below(256), below(256)),
    (bytes) => {
      const [from, to] = [at(bytes), at(bytes)];
      return bytes.toSpliced(to, 0, ...bytes.slice(from, from + 1 + below(64)));
    },
    (bytes) => {
      const [start, value] = [at(bytes), below(2) * 255];
      const end = start + below(40);
      return bytes.map((byte, index) => (index >= start && index < end ? value : byte));
    },
    (bytes) => {
      const [from, to] = [at(bytes), at(bytes)];
      return bytes.with(from, bytes[to] ?? 0).with(to, bytes[from] ?? 0);
    },
  ];
  return () => {
    let bytes: Bytes = [...original];
    for (let count = below(4); count > 0 && bytes.length > 0; count--) {
      bytes = (MUTATIONS[below(MUTATIONS.length)] ?? ((same) => same))(bytes);
    }
    return Uint8Array.from(bytes);
  };
}

const TELLING: readonly number[] = [
  ...[0, 1, 2, 3, 4, 5, 6, 9, 10, 13, 32, 34, 44, 45, 48, 58, 61, 91, 92, 93, 123, 125, 127],
  ...[128, 129, 130, 131, 132, 160, 161, 255],
];
