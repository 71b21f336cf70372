import {
  type CurveConstants,
  curveConstants,
  type NistCurve,
  toBytes,
  toNumber,
} from "./curve_constants.ts";
import { type Element, Field } from "./field.ts";
import { roundUp, type Workspace } from "./workspace.ts";

/** A point in projective coordinates. */
type Point = readonly [Element, Element, Element];

/** What {@link publicPoint} takes of a {@link Workspace}: some forty numbers. */
export const POINT_ROOM: number = 40 * roundUp(44 * 4);

/** A public point of a curve. */
interface PublicPoint {
  readonly x: bigint;
  readonly y: bigint;
}

/**
 * The public point of a secret scalar, uncompressed, for P-256, P-384 and P-521.
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
  return multiply(curve, scalar, curveConstants(curve), target, space);
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
  const { byteLength } = curveConstants(curve);
  const { buffer, byteOffset } = point;
  const [x, y] = [1, 1 + byteLength].map((start) =>
    toNumber(new Uint8Array(buffer, byteOffset + start, byteLength)),
  ) as [bigint, bigint];
  return multiply(curve, scalar, { x, y }, target, space);
}

/**
 * A point times a secret scalar: 12 to 85 ms.
 *
 * - POINT-1: double and add for each bit, whatever it is, by formulas without exceptions (Renes, Costello,
 *   Batina 2015, algorithm 4): no branch and no place in memory depends on the scalar
 * - POINT-2: every value between is in secret memory
 */
function multiply(
  curve: NistCurve,
  scalar: Uint8Array,
  { x, y }: PublicPoint,
  target: Uint8Array,
  space: Workspace,
): boolean {
  const constants = curveConstants(curve);
  if (!isScalar(scalar, constants)) return false;
  const { byteLength, p, b } = constants;
  const prime = toBytes(p, byteLength);
  const field = new Field(prime, space);
  const constant = (value: bigint): Element => {
    const element = field.element();
    field.read(element, toBytes(value, byteLength));
    return element;
  };
  const addition = additionOf(field, constant(b));
  const base: Point = [constant(x), constant(y), field.one];
  const sum: Point = [field.element(), constant(1n), field.element()];
  const next: Point = [field.element(), field.element(), field.element()];
  for (let bit = 0; bit < byteLength * 8; bit++) {
    addition(sum, sum, sum);
    addition(next, sum, base);
    const set = ((scalar[bit >> 3] as number) >> (7 - (bit & 7))) & 1;
    for (const axis of [0, 1, 2] as const) field.select(sum[axis], set, next[axis], sum[axis]);
  }
  const inverse = field.element();
  field.invert(inverse, sum[2], prime);
  for (const axis of [0, 1] as const) {
    field.multiply(sum[axis], sum[axis], inverse);
    const { buffer, byteOffset } = target;
    field.write(sum[axis], new Uint8Array(buffer, byteOffset + 1 + axis * byteLength, byteLength));
  }
  target[0] = 4;
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

/** Complete addition for a = -3; the target may be one of the points. */
function additionOf(field: Field, b: Element): (target: Point, one: Point, other: Point) => void {
  const [t0, t1, t2, t3, t4] = [0, 1, 2, 3, 4].map(() => field.element()) as unknown as [
    Element,
    Element,
    Element,
    Element,
    Element,
  ];
  const [x3, y3, z3] = [field.element(), field.element(), field.element()];
  return (target, [x1, y1, z1], [x2, y2, z2]) => {
    field.multiply(t0, x1, x2);
    field.multiply(t1, y1, y2);
    field.multiply(t2, z1, z2);
    field.add(t3, x1, y1);
    field.add(t4, x2, y2);
    field.multiply(t3, t3, t4);
    field.add(t4, t0, t1);
    field.subtract(t3, t3, t4);
    field.add(t4, y1, z1);
    field.add(x3, y2, z2);
    field.multiply(t4, t4, x3);
    field.add(x3, t1, t2);
    field.subtract(t4, t4, x3);
    field.add(x3, x1, z1);
    field.add(y3, x2, z2);
    field.multiply(x3, x3, y3);
    field.add(y3, t0, t2);
    field.subtract(y3, x3, y3);
    field.multiply(z3, b, t2);
    field.subtract(x3, y3, z3);
    field.add(z3, x3, x3);
    field.add(x3, x3, z3);
    field.subtract(z3, t1, x3);
    field.add(x3, t1, x3);
    field.multiply(y3, b, y3);
    field.add(t1, t2, t2);
    field.add(t2, t1, t2);
    field.subtract(y3, y3, t2);
    field.subtract(y3, y3, t0);
    field.add(t1, y3, y3);
    field.add(y3, t1, y3);
    field.add(t1, t0, t0);
    field.add(t0, t1, t0);
    field.subtract(t0, t0, t2);
    field.multiply(t1, t4, y3);
    field.multiply(t2, t0, y3);
    field.multiply(y3, x3, z3);
    field.add(y3, y3, t2);
    field.multiply(x3, t3, x3);
    field.subtract(x3, x3, t1);
    field.multiply(z3, t4, z3);
    field.multiply(t1, t3, t0);
    field.add(z3, z3, t1);
    target[0].set(x3);
    target[1].set(y3);
    target[2].set(z3);
  };
}
