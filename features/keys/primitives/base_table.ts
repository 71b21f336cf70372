import { curveConstants, type NistCurve, toBytes } from "./curve_constants.ts";
import { infinity, openCurve, type Point, setInfinity } from "./curve_points.ts";
import { Field } from "./field.ts";
import { Workspace } from "./workspace.ts";

/** One block of the table stands for so many digits of four bits, which are four doublings apart. */
export const SPACING = 4;

/** Words of a block: sixteen affine points. */
export function blockWords(limbs: number): number {
  return 16 * 2 * limbs;
}

/**
 * Multiples of the base point, from 0 to 15 times 2^(16 * block), as coordinates in Montgomery form. All of it is public.
 * Computed when a curve is first used, which takes as long as some ten signatures: 41 to 186 KB.
 */
export function baseTable(curve: NistCurve): Int32Array {
  known[curve] ??= computeTable(curve);
  return known[curve];
}

const known: Partial<Record<NistCurve, Int32Array>> = Object.create(null);

function computeTable(curve: NistCurve): Int32Array {
  const constants = curveConstants(curve);
  const { byteLength, x, y } = constants;
  const blocks = (byteLength * 2) / SPACING;
  const points = blocks * 15;
  const room = Field.room(byteLength, 20 + 4 * points) + Field.powersRoom(byteLength);
  const space = new Workspace(new Uint8Array(new ArrayBuffer(room)));
  const { field, prime, addition, powers } = openCurve(constants, space);
  const base = infinity(field);
  field.read(base[0], toBytes(x, byteLength));
  field.read(base[1], toBytes(y, byteLength));
  base[2].set(field.one);
  const multiples: Point[] = [];
  const sum = infinity(field);
  for (let block = 0; block < blocks; block++) {
    setInfinity(field, sum);
    for (let multiple = 1; multiple < 16; multiple++) {
      addition(sum, sum, base);
      const point = infinity(field);
      for (const axis of [0, 1, 2] as const) point[axis].set(sum[axis]);
      multiples.push(point);
    }
    for (let doubling = 0; doubling < 4 * SPACING; doubling++) addition(base, base, base);
  }
  // One inversion for all: of the product of all z, which is then taken apart again from behind.
  const before = multiples.map(() => field.element());
  const product = field.element();
  product.set(field.one);
  for (const [at, [, , z]] of multiples.entries()) {
    before[at]?.set(product);
    field.multiply(product, product, z);
  }
  field.invert(product, product, prime, powers);
  const { limbs } = field;
  const table = new Int32Array(blocks * blockWords(limbs));
  const inverse = field.element();
  for (let at = multiples.length - 1; at >= 0; at--) {
    const [px, py, pz] = multiples[at] as Point;
    field.multiply(inverse, product, before[at] ?? product);
    field.multiply(product, product, pz);
    const start = Math.floor(at / 15) * blockWords(limbs) + ((at % 15) + 1) * 2 * limbs;
    for (const [axis, coordinate] of [px, py].entries()) {
      field.multiply(coordinate, coordinate, inverse);
      table.set(coordinate, start + axis * limbs);
    }
  }
  for (let block = 0; block < blocks; block++) {
    table.set(field.one, block * blockWords(limbs) + limbs); // of the point at infinity, whose x is zero
  }
  return table;
}
