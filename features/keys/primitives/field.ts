import { roundUp, type Workspace } from "./workspace.ts";

/** Bits of a limb: the sum of 88 products, which P-521 takes, stays below 2^31. */
const BITS = 12;
const MASK = (1 << BITS) - 1;

/** A number below the modulus, in Montgomery form: limbs from the lowest on. */
export type Element = Int32Array;

/**
 * Arithmetic modulo the primes and the orders of the NIST curves, in secret memory, in a time that depends on
 * the modulus alone.
 */
export class Field {
  readonly limbs: number;
  readonly #modulus: Int32Array;
  /** What makes the lowest limb zero when that many times the modulus is added. */
  readonly #factor: number;
  /** 1, and the square of Montgomery's radix, both in Montgomery form. */
  readonly one: Element;
  readonly #square: Element;
  readonly #sum: Int32Array;
  readonly #trial: Int32Array;
  readonly #space: Workspace;

  /** @param modulus big-endian, of 528 bits at most */
  constructor(modulus: Uint8Array, space: Workspace) {
    this.limbs = limbsOf(modulus.length);
    this.#space = space;
    this.#modulus = space.words(this.limbs);
    split(modulus, this.#modulus);
    this.#factor = -inverse(this.#modulus[0] as number) & MASK;
    this.#sum = space.words(this.limbs);
    this.#trial = space.words(this.limbs);
    this.one = this.element();
    this.#square = this.element();
    this.#square[0] = 1;
    for (let bit = 0; bit < 2 * BITS * this.limbs; bit++) {
      this.add(this.#square, this.#square, this.#square);
      if (bit === BITS * this.limbs - 1) this.one.set(this.#square);
    }
  }

  /** What a field with so many numbers of its user takes of a {@link Workspace}. */
  static room(modulusBytes: number, elements: number): number {
    return (elements + 7) * roundUp(limbsOf(modulusBytes) * 4);
  }

  /** Room for a number. */
  element(): Element {
    return this.#space.words(this.limbs);
  }

  /** Takes big-endian bytes of a number below the modulus. */
  read(target: Element, bytes: Uint8Array): void {
    split(bytes, target);
    this.multiply(target, target, this.#square);
  }

  multiply(target: Element, left: Element, right: Element): void {
    const { limbs } = this;
    const modulus = this.#modulus;
    const ownFactor = this.#factor;
    const sum = this.#sum;
    sum.fill(0);
    for (let index = 0; index < limbs; index++) {
      const factor = left[index] as number;
      const lowest = ((sum[0] as number) + Math.imul(factor, right[0] as number)) & MASK;
      const quotient = Math.imul(lowest, ownFactor) & MASK;
      let carry =
        ((sum[0] as number) +
          Math.imul(factor, right[0] as number) +
          Math.imul(quotient, modulus[0] as number)) >>
        BITS;
      for (let limb = 1; limb < limbs; limb++) {
        sum[limb - 1] =
          (sum[limb] as number) +
          Math.imul(factor, right[limb] as number) +
          Math.imul(quotient, modulus[limb] as number) +
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
        (left[limb] as number) - (right[limb] as number) + (this.#modulus[limb] as number);
    }
    this.#settle(target);
  }

  /** By Fermat, for a prime that is public and ends in 2 or more. */
  invert(target: Element, value: Element, prime: Uint8Array): void {
    const exponent = Uint8Array.from(prime);
    exponent[exponent.length - 1] = (exponent[exponent.length - 1] as number) - 2;
    const result = this.element();
    result.set(this.one);
    for (let bit = 0; bit < exponent.length * 8; bit++) {
      this.multiply(result, result, result);
      if ((((exponent[bit >> 3] as number) >> (7 - (bit & 7))) & 1) === 1) {
        this.multiply(result, result, value);
      }
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

  /** Carries the sum, which is below twice the modulus, and subtracts the modulus where it fits. */
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
      const rest = (sum[limb] as number) - (this.#modulus[limb] as number) + borrow;
      trial[limb] = last ? rest : rest & MASK;
      borrow = rest >> BITS;
    }
    const negative = borrow >> 31;
    for (let limb = 0; limb < limbs; limb++) {
      target[limb] = ((sum[limb] as number) & negative) | ((trial[limb] as number) & ~negative);
    }
  }
}

/** Big-endian bytes into limbs from the lowest on. */
function split(bytes: Uint8Array, limbs: Int32Array): void {
  for (let limb = 0; limb < limbs.length; limb++) {
    const bit = limb * BITS;
    const at = bytes.length - 1 - (bit >> 3);
    const pair = (bytes[at] ?? 0) | ((bytes[at - 1] ?? 0) << 8);
    limbs[limb] = (pair >> (bit & 7)) & MASK;
  }
}

function limbsOf(byteLength: number): number {
  return Math.ceil((byteLength * 8) / BITS);
}

/** Of an odd limb, modulo the radix of the limbs: each round doubles the bits that are right. */
function inverse(odd: number): number {
  let guess = odd;
  for (let round = 0; round < 3; round++) {
    guess = Math.imul(guess, 2 - Math.imul(odd, guess)) & MASK;
  }
  return guess;
}
