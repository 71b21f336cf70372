import { BITS, carryOver, MASK, STEP } from "./montgomery.ts";

/** Fewer than of a product, since a row adds two products of limbs twice, and a multiple of the modulus. */
const ROWS = 8;

/**
 * target = value * value / R modulo the modulus: as `multiplyLimbs`, but each product of two different limbs is
 * computed once and counted twice. It holds to MONTGOMERY-1 and MONTGOMERY-2.
 *
 * Row by row, four at once, only limbs from that row on are multiplied by it. What rows add to the four columns that
 * are made zero next was all added before: the smaller index of its products is half of theirs.
 */
export function squareLimbs(
  target: Int32Array,
  value: Int32Array,
  modulus: Int32Array,
  factor: number,
  sum: Int32Array,
): void {
  const { imul } = Math;
  const limbs = modulus.length;
  for (let limb = 0; limb < limbs; limb++) sum[limb] = 0;
  const m0 = modulus[0] as number;
  const m1 = modulus[1] as number;
  const m2 = modulus[2] as number;
  const m3 = modulus[3] as number;
  for (let row = 0; row < limbs; row += STEP) {
    if (row % ROWS === 0 && row > 0) carryOver(sum, sum);
    const f0 = value[row] as number;
    const f1 = value[row + 1] as number;
    const f2 = value[row + 2] as number;
    const f3 = value[row + 3] as number;
    const d0 = f0 << 1;
    const d1 = f1 << 1;
    const d2 = f2 << 1;
    const d3 = f3 << 1;
    // Of the four limbs with one another.
    sum[row] = (sum[row] as number) + imul(f0, f0);
    sum[row + 1] = (sum[row + 1] as number) + imul(d0, f1);
    sum[row + 2] = (sum[row + 2] as number) + imul(d0, f2) + imul(f1, f1);
    sum[row + 3] = (sum[row + 3] as number) + imul(d0, f3) + imul(d1, f2);
    let s4 = imul(d1, f3) + imul(f2, f2);
    let s5 = imul(d2, f3);
    let s6 = imul(f3, f3);
    if (row + STEP < limbs) {
      sum[row + 4] = (sum[row + 4] as number) + s4;
      sum[row + 5] = (sum[row + 5] as number) + s5;
      sum[row + 6] = (sum[row + 6] as number) + s6;
      s4 = 0;
      s5 = 0;
      s6 = 0;
    }
    // The four lowest columns become zero, each by its multiple of the modulus.
    let column = sum[0] as number;
    const q0 = imul(column, factor) & MASK;
    let carry = (column + imul(q0, m0)) >> BITS;
    column = (sum[1] as number) + carry + imul(q0, m1);
    const q1 = imul(column, factor) & MASK;
    carry = (column + imul(q1, m0)) >> BITS;
    column = (sum[2] as number) + carry + imul(q0, m2) + imul(q1, m1);
    const q2 = imul(column, factor) & MASK;
    carry = (column + imul(q2, m0)) >> BITS;
    column = (sum[3] as number) + carry + imul(q0, m3) + imul(q1, m2) + imul(q2, m1);
    const q3 = imul(column, factor) & MASK;
    carry = (column + imul(q3, m0)) >> BITS;
    let ma = m3;
    let mb = m2;
    let mc = m1;
    for (let limb = STEP; limb < row + STEP; limb++) {
      const m = modulus[limb] as number;
      sum[limb - STEP] =
        (sum[limb] as number) + carry + (imul(q0, m) + imul(q1, ma) + imul(q2, mb) + imul(q3, mc));
      carry = 0;
      mc = mb;
      mb = ma;
      ma = m;
    }
    let ra = 0;
    let rb = 0;
    let rc = 0;
    for (let limb = row + STEP; limb < limbs; limb++) {
      const r = value[limb] as number;
      const m = modulus[limb] as number;
      sum[limb - STEP] =
        (sum[limb] as number) +
        carry +
        imul(d0, r) +
        imul(d1, ra) +
        imul(d2, rb) +
        imul(d3, rc) +
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
      s4 +
      imul(d1, ra) +
      imul(d2, rb) +
      imul(d3, rc) +
      imul(q1, ma) +
      imul(q2, mb) +
      imul(q3, mc);
    sum[limbs - 3] = s5 + imul(d2, ra) + imul(d3, rb) + imul(q2, ma) + imul(q3, mb);
    sum[limbs - 2] = s6 + imul(d3, ra) + imul(q3, ma);
    sum[limbs - 1] = 0;
  }
  carryOver(sum, target);
}
