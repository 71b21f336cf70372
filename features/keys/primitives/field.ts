import type { CurveConstants } from "./curve_constants.ts";
import type { Workspace } from "./workspace.ts";

/** Bits of a limb: the sum of 88 products, which P-521 takes, stays below 2^31. */
const BITS = 12;
const MASK = (1 << BITS) - 1;

/** A number below the prime, in Montgomery form: limbs from the lowest on. */
export type Element = Int32Array;

/**
 * Arithmetic modulo a prime of the NIST curves, in secret memory, in a time that depends on the prime
 * alone. These primes end in ones, so that the factor of Montgomery's reduction is the lowest limb itself.
 */
export class Field {
  readonly limbs: number;
  readonly #prime: Int32Array;
  readonly #sum: Int32Array;
  readonly #trial: Int32Array;
  readonly #space: Workspace;
  readonly #p: bigint;

  constructor({ p, byteLength }: CurveConstants, space: Workspace) {
    this.limbs = Math.ceil((byteLength * 8) / BITS);
    this.#p = p;
    this.#space = space;
    this.#prime = space.words(this.limbs);
    split(p, this.#prime);
    this.#sum = space.words(this.limbs);
    this.#trial = space.words(this.limbs);
  }

  /** Room for a number. */
  element(): Element {
    return this.#space.words(this.limbs);
  }

  /** A public number. */
  constant(value: bigint): Element {
    const element = this.element();
    split((value << BigInt(BITS * this.limbs)) % this.#p, element);
    return element;
  }

  multiply(target: Element, left: Element, right: Element): void {
    const { limbs } = this;
    const prime = this.#prime;
    const sum = this.#sum;
    sum.fill(0);
    for (let index = 0; index < limbs; index++) {
      const factor = left[index] as number;
      const quotient = ((sum[0] as number) + Math.imul(factor, right[0] as number)) & MASK;
      let carry =
        ((sum[0] as number) +
          Math.imul(factor, right[0] as number) +
          Math.imul(quotient, prime[0] as number)) >>
        BITS;
      for (let limb = 1; limb < limbs; limb++) {
        sum[limb - 1] =
          (sum[limb] as number) +
          Math.imul(factor, right[limb] as number) +
          Math.imul(quotient, prime[limb] as number) +
          carry;
        carry = 0;
      }
      sum[limbs - 1] = 0;
    }
    this.#settle(target);
  }

  add(target: Element, left: Element, right: Element): void {
    for (let limb = 0; limb < this.limbs; limb++) {
      this.#sum[limb] = (left[limb] as number) + (right[limb] as number);
    }
    this.#settle(target);
  }

  subtract(target: Element, left: Element, right: Element): void {
    for (let limb = 0; limb < this.limbs; limb++) {
      this.#sum[limb] =
        (left[limb] as number) - (right[limb] as number) + (this.#prime[limb] as number);
    }
    this.#settle(target);
  }

  /** By Fermat: the exponent is public. */
  invert(target: Element, value: Element): void {
    const result = this.constant(1n);
    const exponent = this.#p - 2n;
    for (let bit = BigInt(exponent.toString(2).length) - 1n; bit >= 0n; bit--) {
      this.multiply(result, result, result);
      if (((exponent >> bit) & 1n) === 1n) this.multiply(result, result, value);
    }
    target.set(result);
  }

  /** `one` where `bit` is 1, else `other`. */
  select(target: Element, bit: number, one: Element, other: Element): void {
    for (let limb = 0; limb < this.limbs; limb++) {
      const difference = (one[limb] as number) ^ (other[limb] as number);
      target[limb] = (other[limb] as number) ^ (difference & -bit);
    }
  }

  /** Writes a number as big-endian bytes. */
  write(value: Element, bytes: Uint8Array): void {
    const plain = this.element();
    const one = this.element();
    one[0] = 1;
    this.multiply(plain, value, one);
    for (let index = 0; index < bytes.length; index++) {
      const bit = index * 8;
      const [limb, shift] = [Math.floor(bit / BITS), bit % BITS];
      const above = limb + 1 < this.limbs ? (plain[limb + 1] as number) : 0;
      bytes[bytes.length - 1 - index] = ((plain[limb] as number) | (above << BITS)) >> shift;
    }
  }

  /** Carries the sum, which is below twice the prime, and subtracts the prime where it fits. */
  #settle(target: Element): void {
    const { limbs } = this;
    const sum = this.#sum;
    const trial = this.#trial;
    let [carry, borrow] = [0, 0];
    for (let limb = 0; limb < limbs; limb++) {
      const last = limb === limbs - 1;
      const value = (sum[limb] as number) + carry;
      sum[limb] = last ? value : value & MASK;
      carry = value >> BITS;
      const rest = (sum[limb] as number) - (this.#prime[limb] as number) + borrow;
      trial[limb] = last ? rest : rest & MASK;
      borrow = rest >> BITS;
    }
    const negative = borrow >> 31;
    for (let limb = 0; limb < limbs; limb++) {
      target[limb] = ((sum[limb] as number) & negative) | ((trial[limb] as number) & ~negative);
    }
  }
}

function split(value: bigint, limbs: Int32Array): void {
  for (let limb = 0, rest = value; limb < limbs.length; limb++, rest >>= BigInt(BITS)) {
    limbs[limb] = Number(rest & BigInt(MASK));
  }
}
