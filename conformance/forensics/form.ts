import type { Encoding } from "./encodings.ts";

/**
 * A secret in one encoding.
 *
 * It is computed byte by byte where it is compared with memory and is never written down: the scanner
 * would otherwise hold each secret in every encoding that it looks for.
 *
 * Secret byte `k` (in the order of the encoding) is covered by the bytes from `start(k)` up to
 * `end(k)`, which is how a partial match is counted in secret bytes.
 */
export interface Form {
  readonly encoding: Encoding;
  readonly byteLength: number;
  /** How many bytes the secret has. */
  readonly secretBytes: number;
  /** Whether `k` counts from the end of the secret. */
  readonly backwards: boolean;
  byteAt(offset: number): number;
  start(k: number): number;
  end(k: number): number;
}

/** The four bytes from `offset` on as the little-endian word that memory holds. */
export function wordOf(form: Form, offset: number): number {
  return (
    form.byteAt(offset) |
    (form.byteAt(offset + 1) << 8) |
    (form.byteAt(offset + 2) << 16) |
    (form.byteAt(offset + 3) << 24)
  );
}

/** Index of the first of the `length` ascending values that is `least` or more. */
export function lowerBound(length: number, least: number, valueAt: (k: number) => number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (valueAt(middle) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
