/**
 * Montgomery's multiplication of numbers in limbs of 13 bits, the lowest first, for moduli of any length.
 *
 * - MONTGOMERY-1: every value, also between, is an integer below 2^31. Engines keep those in registers and on the stack;
 *   a larger one, or a fraction, would be put on the garbage-collected heap by code that is not yet optimised
 * - MONTGOMERY-2: no branch and no place in memory depends on a number; lengths are public
 */
export const BITS = 13;
export const MASK: number = (1 << BITS) - 1;

/** So many rows add less than 2^31 to a column: two products of limbs each, and a carry. */
const ROWS = 12;

/** Rows that are computed at once, so that each limb is loaded once for four products. */
export const STEP = 4;

/**
 * How many limbs numbers modulo a number of so many bytes have: a multiple of four, and four bits more than the modulus
 * needs, so that sums need not be reduced to below it.
 */
export function limbsOf(modulusBytes: number): number {
  return STEP * Math.ceil((modulusBytes * 8 + 4) / BITS / STEP);
}

/** Less the inverse of the lowest limb: each round doubles the bits that are right. */
export function negatedInverse(odd: number): number {
  let inverse = odd;
  for (let round = 0; round < 3; round++) {
    inverse = Math.imul(inverse, 2 - Math.imul(odd, inverse)) & MASK;
  }
  return -inverse & MASK;
}

/**
 * target = left * right / R modulo the modulus, where R = 2^(13 * limbs): below left * right / R + modulus.
 *
 * @param factor as {@link negatedInverse} gives it
 * @param sum room for as many limbs; `target` may be any of the two numbers
 */
export function multiplyLimbs(
  target: Int32Array,
  left: Int32Array,
  right: Int32Array,
  modulus: Int32Array,
  factor: number,
  sum: Int32Array,
): void {
  const { imul } = Math;
  const limbs = modulus.length;
  for (let limb = 0; limb < limbs; limb++) sum[limb] = 0;
  // One by one: an array of them would lie on the garbage-collected heap.
  const r0 = right[0] as number;
  const r1 = right[1] as number;
  const r2 = right[2] as number;
  const r3 = right[3] as number;
  const m0 = modulus[0] as number;
  const m1 = modulus[1] as number;
  const m2 = modulus[2] as number;
  const m3 = modulus[3] as number;
  for (let row = 0; row < limbs; row += STEP) {
    if (row % ROWS === 0 && row > 0) carryOver(sum, sum);
    const f0 = left[row] as number;
    const f1 = left[row + 1] as number;
    const f2 = left[row + 2] as number;
    const f3 = left[row + 3] as number;
    // The four lowest columns become zero, each by its multiple of the modulus.
    let column = (sum[0] as number) + imul(f0, r0);
    const q0 = imul(column, factor) & MASK;
    let carry = (column + imul(q0, m0)) >> BITS;
    column = (sum[1] as number) + carry + imul(f0, r1) + imul(f1, r0) + imul(q0, m1);
    const q1 = imul(column, factor) & MASK;
    carry = (column + imul(q1, m0)) >> BITS;
    column = (sum[2] as number) + carry + imul(f0, r2) + imul(f1, r1) + imul(f2, r0);
    column += imul(q0, m2) + imul(q1, m1);
    const q2 = imul(column, factor) & MASK;
    carry = (column + imul(q2, m0)) >> BITS;
    column = (sum[3] as number) + carry + imul(f0, r3) + imul(f1, r2) + imul(f2, r1) + imul(f3, r0);
    column += imul(q0, m3) + imul(q1, m2) + imul(q2, m1);
    const q3 = imul(column, factor) & MASK;
    carry = (column + imul(q3, m0)) >> BITS;
    let ra = r3;
    let rb = r2;
    let rc = r1;
    let ma = m3;
    let mb = m2;
    let mc = m1;
    for (let limb = STEP; limb < limbs; limb++) {
      const r = right[limb] as number;
      const m = modulus[limb] as number;
      sum[limb - STEP] =
        (sum[limb] as number) +
        carry +
        imul(f0, r) +
        imul(f1, ra) +
        imul(f2, rb) +
        imul(f3, rc) +
        (imul(q0, m) + imul(q1, ma) + imul(q2, mb) + imul(q3, mc));
      carry = 0;
      rc = rb;
      rb = ra;
      ra = r;
      mc = mb;
      mb = ma;
      ma = m;
    }
    sum[limbs - 4] =
      carry +
      imul(f1, ra) +
      imul(f2, rb) +
      imul(f3, rc) +
      imul(q1, ma) +
      imul(q2, mb) +
      imul(q3, mc);
    sum[limbs - 3] = imul(f2, ra) + imul(f3, rb) + imul(q2, ma) + imul(q3, mb);
    sum[limbs - 2] = imul(f3, ra) + imul(q3, ma);
    sum[limbs - 1] = 0;
  }
  carryOver(sum, target);
}

/** Limbs below 2^13, but for the highest, which takes what is above. */
export function carryOver(sum: Int32Array, target: Int32Array): void {
  const last = sum.length - 1;
  let carry = 0;
  for (let limb = 0; limb < last; limb++) {
    const value = (sum[limb] as number) + carry;
    target[limb] = value & MASK;
    carry = value >> BITS;
  }
  target[last] = (sum[last] as number) + carry;
}

/** Big-endian bytes, from a bit on that is counted from their end, as limbs. */
export function split(bytes: Uint8Array, limbs: Int32Array, from: number = 0): void {
  for (let limb = 0; limb < limbs.length; limb++) {
    const bit = from + limb * BITS;
    const at = bytes.length - 1 - (bit >> 3);
    const three = (bytes[at] ?? 0) | ((bytes[at - 1] ?? 0) << 8) | ((bytes[at - 2] ?? 0) << 16);
    limbs[limb] = (three >> (bit & 7)) & MASK;
  }
}

/** Limbs below 2^13 as big-endian bytes; those above their length are left out. */
export function join(limbs: Int32Array, bytes: Uint8Array): void {
  for (let index = 0; index < bytes.length; index++) {
    const limb = Math.floor((index * 8) / BITS);
    const pair = (limbs[limb] as number) | ((limbs[limb + 1] ?? 0) << BITS);
    bytes[bytes.length - 1 - index] = pair >> ((index * 8) % BITS);
  }
}
