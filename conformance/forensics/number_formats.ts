import type { NumberEncoding } from "./encodings.ts";

/** How one kind of array holds a byte, as little-endian words of 32 bits. */
export interface NumberFormat {
  readonly encoding: NumberEncoding;
  /** Words per element. */
  readonly stride: 1 | 2;
  /** Which word of the element holds the value, and what the other one is. */
  readonly valueAt: 0 | 1;
  readonly other: number;
  /** Whether elements lie at multiples of 8 (else of 4). */
  readonly aligned: boolean;
  /** From the byte to the word, and back. */
  readonly words: Uint32Array;
  readonly values: ReadonlyMap<number, number>;
}

/** At most seven: each has a bit in the `WordIndex` below `ANCHOR`. */
export const NUMBER_FORMATS: readonly NumberFormat[] = [
  format("smi64", 2, 1, 0, true, (value) => value),
  format("smi32", 1, 0, 0, false, (value) => value << 1),
  format("jsc-int32", 2, 0, 0xfffe0000, true, (value) => value),
  format("int32", 1, 0, 0, false, (value) => value),
  format("int64", 2, 0, 0, true, (value) => value),
  format("float32", 1, 0, 0, false, float32Bits),
  format("float64", 2, 1, 0, false, float64HighBits),
];

function format(
  encoding: NumberEncoding,
  stride: 1 | 2,
  valueAt: 0 | 1,
  other: number,
  aligned: boolean,
  encode: (value: number) => number,
): NumberFormat {
  const words = Uint32Array.from({ length: 256 }, (_, value) => encode(value));
  const values = new Map(Array.from(words, (word, value) => [word, value]));
  return { encoding, stride, valueAt, other, aligned, words, values };
}

function float32Bits(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return view.getUint32(0);
}

function float64HighBits(value: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getUint32(0);
}
