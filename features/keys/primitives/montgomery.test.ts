import { expect, it } from "vitest";
import { SOAK } from "../../../testing/tier.ts";
import { BITS, limbsOf, MASK, multiplyLimbs, negatedInverse } from "./montgomery.ts";
import { squareLimbs } from "./montgomery_square.ts";

const numberOf = (limbs: Int32Array): bigint =>
  limbs.reduceRight((sum, limb) => (sum << BigInt(BITS)) | BigInt(limb), 0n);

/** Limbs of a number below 2^(8 * modulusBytes): as large as they can be, or as chance has it. */
function limbsFor(modulusBytes: number, isLargest: boolean): Int32Array {
  const limbs = new Int32Array(limbsOf(modulusBytes));
  const bits = modulusBytes * 8;
  for (let limb = 0; limb * BITS < bits; limb++) {
    const most = Math.min(MASK, 2 ** (bits - limb * BITS) - 1);
    limbs[limb] = isLargest ? most : Math.floor(Math.random() * (most + 1));
  }
  return limbs;
}

/** Room for sums, of which the largest is noted. */
class NotedSums {
  most = 0;
  readonly words: Int32Array;

  constructor(length: number) {
    const note = (value: number): void => {
      this.most = Math.max(this.most, value);
    };
    // An array, unlike words of 32 bits, keeps a sum that is too large.
    this.words = new Proxy(
      Array.from({ length }, () => 0),
      {
        set(words, name, value: number) {
          note(value);
          return Reflect.set(words, name, value);
        },
      },
    ) as unknown as Int32Array;
  }
}

it("MONTGOMERY-1: products and squares of numbers of the largest limbs are right, and every sum is below 2^31", () => {
  for (const modulusBytes of [1, 2, 32, 66, 128, ...(SOAK ? [129, 1025, 2048] : [])]) {
    for (const kinds of [15, 7, 3, 0]) {
      const [modulus, left, right] = [1, 2, 4].map((bit) =>
        limbsFor(modulusBytes, (kinds & bit) !== 0),
      ) as [Int32Array, Int32Array, Int32Array];
      // Behind a lowest limb of 1, the multiples of the modulus that are added are as large as they can be too.
      modulus[0] = kinds > 8 ? 1 : (modulus[0] as number) | 1;
      const { length } = modulus;
      const factor = negatedInverse(modulus[0]);
      for (const second of [right, left]) {
        const [target, sum] = [new Int32Array(length), new NotedSums(length)];
        const words = sum.words;
        if (second === left) squareLimbs(target, left, modulus, factor, words);
        else multiplyLimbs(target, left, right, modulus, factor, words);
        const radix = 1n << BigInt(BITS * length);
        const [m, product] = [numberOf(modulus), numberOf(left) * numberOf(second)];
        expect((numberOf(target) * radix - product) % m).toBe(0n);
        expect(numberOf(target)).toBeLessThanOrEqual(product / radix + m);
        expect(sum.most).toBeLessThan(2 ** 31);
      }
    }
  }
});
