import { baseTable, blockWords, SPACING } from "./base_table.ts";
import { type CurveConstants, curveConstants, type NistCurve, toBytes } from "./curve_constants.ts";
import { infinity, openCurve, type Point, setInfinity, writeAffine } from "./curve_points.ts";
import { type Element, Field, nibble, pick } from "./field.ts";
import { limbsOf } from "./montgomery.ts";
import { roundUp, type Workspace } from "./workspace.ts";

/** What {@link publicPoint} takes of a {@link Workspace}. */
export const POINT_ROOM: number = Field.room(66, 20) + Field.powersRoom(66);

/** What {@link sharedPoint} takes of a {@link Workspace}. */
export const SHARED_POINT_ROOM: number = POINT_ROOM + 16 * 3 * roundUp(limbsOf(66) * 4);

/**
 * The public point of a secret scalar, uncompressed, for P-256, P-384 and P-521.
 *
 * - POINT-1: as many additions whatever the scalar is, by formulas without exceptions (Renes, Costello, Batina 2015,
 *   algorithm 4), and each entry of a table is read: no branch and no place in memory depends on the scalar
 * - POINT-2: every value between is in secret memory
 *
 * @param scalar big-endian, as long as a coordinate
 * @returns false for zero and for what is not below the order, and then `target` is untouched
 */
export function publicPoint(
  curve: NistCurve,
  scalar: Uint8Array,
  target: Uint8Array,
  space: Workspace,
): boolean {
  const constants = curveConstants(curve);
  if (!isScalar(scalar, constants)) return false;
  const table = baseTable(curve);
  const work = openCurve(constants, space);
  const { field, addition } = work;
  const sum = infinity(field);
  const next = infinity(field);
  const one = field.one;
  const blocks = table.length / blockWords(field.limbs);
  for (let turn = SPACING - 1; turn >= 0; turn--) {
    for (let bit = 0; bit < 4 && turn < SPACING - 1; bit++) addition(sum, sum, sum);
    for (let block = 0; block < blocks; block++) {
      const digit = nibble(scalar, scalar.length * 2 - 1 - (block * SPACING + turn));
      const start = block * blockWords(field.limbs);
      const zero = (digit - 1) >> 31; // all ones where the digit is zero: the point at infinity
      for (let axis = 0; axis < 2; axis++) {
        const from = start + axis * field.limbs;
        pick(next[axis] as Element, table, 16, 2 * field.limbs, digit, from);
      }
      for (let limb = 0; limb < one.length; limb++) {
        next[2][limb] = (one[limb] as number) & ~zero;
      }
      addition(sum, sum, next);
    }
  }
  writeAffine(work, sum, target);
  return true;
}

/**
 * As {@link publicPoint}, of another base: the point that two owners of scalars have in common (SEC 1,
 * section 3.3.1), which is secret. It is never the point at infinity, since the orders are prime.
 *
 * @param point uncompressed, and on the curve, as `readPoint` gives it
 */
export function sharedPoint(
  curve: NistCurve,
  scalar: Uint8Array,
  point: Uint8Array,
  target: Uint8Array,
  space: Workspace,
): boolean {
  const constants = curveConstants(curve);
  if (!isScalar(scalar, constants)) return false;
  const work = openCurve(constants, space);
  const { field, addition } = work;
  const words = space.words(16 * 3 * field.limbs);
  const entry = (index: number): Point =>
    [0, 1, 2].map((axis) =>
      words.subarray((3 * index + axis) * field.limbs, (3 * index + axis + 1) * field.limbs),
    ) as unknown as Point;
  setInfinity(field, entry(0));
  const base = entry(1);
  const { byteLength } = constants;
  for (const axis of [0, 1] as const) {
    const { buffer, byteOffset } = point;
    field.read(base[axis], new Uint8Array(buffer, byteOffset + 1 + axis * byteLength, byteLength));
  }
  base[2].set(field.one);
  for (let index = 2; index < 16; index++) addition(entry(index), entry(index - 1), base);
  const sum = infinity(field);
  const next = infinity(field);
  for (let at = 0; at < scalar.length * 2; at++) {
    for (let bit = 0; bit < 4 && at > 0; bit++) addition(sum, sum, sum);
    for (let axis = 0; axis < 3; axis++) {
      pick(
        next[axis] as Element,
        words,
        16,
        3 * field.limbs,
        nibble(scalar, at),
        axis * field.limbs,
      );
    }
    addition(sum, sum, next);
  }
  writeAffine(work, sum, target);
  return true;
}

/** 1 to the order less 1, by a comparison that looks at every byte. */
export function isScalar(scalar: Uint8Array, { order, byteLength }: CurveConstants): boolean {
  const bound = toBytes(order, byteLength);
  let [borrow, seen] = [0, 0];
  for (let index = byteLength - 1; index >= 0; index--) {
    borrow = ((scalar[index] as number) - (bound[index] as number) + borrow) >> 8;
    seen |= scalar[index] as number;
  }
  return borrow !== 0 && seen !== 0;
}
