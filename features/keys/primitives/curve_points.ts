import { type CurveConstants, toBytes } from "./curve_constants.ts";
import { type Element, Field } from "./field.ts";
import type { Workspace } from "./workspace.ts";

/** A point in projective coordinates. */
export type Point = readonly [Element, Element, Element];

/** What points of a curve are computed with. */
export interface Curve {
  readonly field: Field;
  readonly prime: Uint8Array<ArrayBuffer>;
  /** Complete: the points may be the same, opposite or at infinity, and the target one of them. */
  readonly addition: (target: Point, one: Point, other: Point) => void;
  /** For {@link Field.power}. */
  readonly powers: Int32Array<ArrayBuffer>;
}

export function openCurve({ p, b, byteLength }: CurveConstants, space: Workspace): Curve {
  const prime = toBytes(p, byteLength);
  const field = new Field(prime, space);
  const constant = field.element();
  field.read(constant, toBytes(b, byteLength));
  return { field, prime, addition: additionOf(field, constant), powers: field.powers() };
}

/** Room for a point, with the one at infinity in it. */
export function infinity(field: Field): Point {
  const point: Point = [field.element(), field.element(), field.element()];
  setInfinity(field, point);
  return point;
}

export function setInfinity(field: Field, [x, y, z]: Point): void {
  x.fill(0);
  y.set(field.one);
  z.fill(0);
}

/** Writes a point that is not at infinity, uncompressed. The point is lost. */
export function writeAffine(
  { field, prime, powers }: Curve,
  point: Point,
  target: Uint8Array,
): void {
  const [x, y, z] = point;
  field.invert(z, z, prime, powers);
  const { buffer, byteOffset } = target;
  const length = prime.length;
  const plain = field.element();
  for (const [at, coordinate] of [x, y].entries()) {
    field.multiply(coordinate, coordinate, z);
    field.write(coordinate, new Uint8Array(buffer, byteOffset + 1 + at * length, length), plain);
  }
  target[0] = 4;
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
