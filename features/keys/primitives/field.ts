import * as montgomery from "./montgomery.ts";
import * as montgomerySquare from "./montgomery_square.ts";
import { roundUp, type Workspace } from "./workspace.ts";

/** A number below twice the modulus, in Montgomery form: limbs from the lowest on. */
export type Element = Int32Array<ArrayBuffer>;

/** Taken once: tests load modules in a way that looks imports up at each use. */
const { BITS, MASK } = montgomery;
const { squareLimbs } = montgomerySquare;
const { join, limbsOf, multiplyLimbs, negatedInverse, split } = montgomery;

/** Numbers that a {@link Field} keeps itself. */
const OWN = 6;
/** Powers of a base are looked up by so many bits of the exponent at a time. */
const WINDOW = 4;
const WINDOWS = 1 << WINDOW;

/**
 * Arithmetic modulo an odd number, in secret memory: the primes and the orders of the NIST curves, and the numbers of RSA.
 *
 * - FIELD-1: no branch and no place in memory depends on a number or on a secret exponent; lengths are public
 * - FIELD-2: every value between is in secret memory
 */
export class Field {
  /** Of an {@link Element}. */
  readonly limbs: number;
  readonly #modulus: Element;
  readonly #double: Element;
  readonly #factor: number;
  /** 1, and the radix, both in Montgomery form; the radix below 1.25 times the modulus, as a product is. */
  readonly one: Element;
  readonly #radix: Element;
  readonly #sum: Element;
  readonly #space: Workspace;

  /** @param modulus big-endian, odd, without zeros in front */
  constructor(modulus: Uint8Array, space: Workspace) {
    this.limbs = limbsOf(modulus.length);
    this.#space = space;
    [this.#modulus, this.#double, this.#sum] = [this.element(), this.element(), this.element()];
    [this.one, this.#radix] = [this.element(), this.element()];
    split(modulus, this.#modulus);
    let carry = 0;
    for (let limb = 0; limb < this.limbs; limb++) {
      const doubled = ((this.#modulus[limb] as number) << 1) + carry;
      this.#double[limb] = doubled & MASK;
      carry = doubled >> BITS;
    }
    this.#factor = negatedInverse(this.#modulus[0] as number);
    // A power of two below the modulus, doubled up to the radix: 1 in Montgomery form.
    const start = (modulus.length - 1) * 8;
    this.one[Math.floor(start / BITS)] = 1 << (start % BITS);
    const radixBits = BITS * this.limbs;
    for (let bit = start; bit < radixBits; bit++) this.add(this.one, this.one, this.one);
    this.#radix.set(this.one);
    for (let bit = Math.floor(Math.log2(radixBits)); bit >= 0; bit--) {
      this.square(this.#radix, this.#radix);
      if (((radixBits >> bit) & 1) === 1) this.add(this.#radix, this.#radix, this.#radix);
    }
  }

  /** What a field with so many numbers of its user takes of a {@link Workspace}. */
  static room(modulusBytes: number, elements: number): number {
    return (elements + OWN) * roundUp(limbsOf(modulusBytes) * 4);
  }

  /** What {@link powers} takes. */
  static powersRoom(modulusBytes: number): number {
    return roundUp((WINDOWS + 1) * limbsOf(modulusBytes) * 4);
  }

  /** Room for a number. */
  element(): Element {
    return this.#space.words(this.limbs);
  }

  /** Room for {@link power}, which fields of the same length or of a shorter one may share. */
  powers(): Int32Array<ArrayBuffer> {
    return this.#space.words((WINDOWS + 1) * this.limbs);
  }

  /** Takes big-endian bytes of a number below the modulus. */
  read(target: Element, bytes: Uint8Array): void {
    split(bytes, target);
    this.multiply(target, target, this.#radix);
  }

  /** Takes big-endian bytes of whatever number, modulo the modulus. `target` and `part` are written to. */
  readAny(target: Element, bytes: Uint8Array, part: Element): void {
    target.fill(0);
    const width = BITS * this.limbs;
    for (let at = Math.floor((bytes.length * 8) / width); at >= 0; at--) {
      this.multiply(target, target, this.#radix);
      split(bytes, part, at * width);
      this.multiply(part, part, this.#radix); // below 2.25 times the modulus, and the target below 1.25
      this.add(target, target, part);
    }
  }

  multiply(target: Element, left: Element, right: Element): void {
    multiplyLimbs(target, left, right, this.#modulus, this.#factor, this.#sum);
  }

  square(target: Element, value: Element): void {
    squareLimbs(target, value, this.#modulus, this.#factor, this.#sum);
  }

  /** The sum, which is below four times the modulus, less twice the modulus where that fits. */
  add(target: Element, left: Element, right: Element): void {
    const sum = this.#sum;
    const double = this.#double;
    let carry = 0;
    let borrow = 0;
    for (let limb = 0; limb < double.length; limb++) {
      const value = (left[limb] as number) + (right[limb] as number) + carry;
      carry = value >> BITS;
      const rest = (value & MASK) - (double[limb] as number) + borrow;
      borrow = rest >> BITS;
      sum[limb] = rest & MASK;
    }
    this.#addWhere(target, borrow, double);
  }

  subtract(target: Element, left: Element, right: Element): void {
    const sum = this.#sum;
    let borrow = 0;
    for (let limb = 0; limb < sum.length; limb++) {
      const rest = (left[limb] as number) - (right[limb] as number) + borrow;
      borrow = rest >> BITS;
      sum[limb] = rest & MASK;
    }
    this.#addWhere(target, borrow, this.#double);
  }

  /**
   * By Fermat, for a prime that is public and ends in 2 or more.
   *
   * @param powers as {@link powers} gives it
   */
  invert(target: Element, value: Element, prime: Uint8Array, powers: Int32Array): void {
    const exponent = Uint8Array.from(prime);
    exponent[exponent.length - 1] = (exponent[exponent.length - 1] as number) - 2;
    this.power(target, value, exponent, powers);
  }

  /**
   * A power, for a secret exponent too: four squares and a product for each four bits of it.
   *
   * @param exponent big-endian; its length is public
   */
  power(target: Element, base: Element, exponent: Uint8Array, powers: Int32Array): void {
    const entry = (index: number): Element =>
      powers.subarray(index * this.limbs, (index + 1) * this.limbs) as Element;
    entry(0).set(this.one);
    for (let index = 1; index < WINDOWS; index++) {
      this.multiply(entry(index), entry(index - 1), base);
    }
    const factor = entry(WINDOWS);
    const result = target;
    result.set(this.one);
    for (let at = 0; at < exponent.length * 2; at++) {
      for (let bit = 0; bit < WINDOW && at > 0; bit++) this.square(result, result);
      pick(factor, powers, WINDOWS, this.limbs, nibble(exponent, at));
      this.multiply(result, result, factor);
    }
  }

  /** As {@link power}, for a short exponent that is public. `target` is another element. */
  publicPower(target: Element, base: Element, exponent: Uint8Array): void {
    target.set(this.one);
    for (let at = 0; at < exponent.length * 8; at++) {
      this.square(target, target);
      const bit = ((exponent[at >> 3] as number) >> (7 - (at & 7))) & 1;
      if (bit === 1) this.multiply(target, target, base);
    }
  }

  /** Writes a number, below the modulus, as big-endian bytes. `plain` is written to. */
  write(value: Element, bytes: Uint8Array, plain: Element): void {
    plain.fill(0);
    plain[0] = 1;
    this.multiply(plain, value, plain); // not above the modulus
    const sum = this.#sum;
    let borrow = 0;
    for (let limb = 0; limb < sum.length; limb++) {
      const rest = (plain[limb] as number) - (this.#modulus[limb] as number) + borrow;
      borrow = rest >> BITS;
      sum[limb] = rest & MASK;
    }
    this.#addWhere(plain, borrow, this.#modulus);
    join(plain, bytes);
  }

  /** The sum, and the number where the mask is all ones: what was subtracted and did not fit. */
  #addWhere(target: Element, mask: number, number: Element): void {
    const sum = this.#sum;
    let carry = 0;
    for (let limb = 0; limb < sum.length; limb++) {
      const value = (sum[limb] as number) + ((number[limb] as number) & mask) + carry;
      carry = value >> BITS;
      target[limb] = value & MASK;
    }
  }
}

/** Four bits of big-endian bytes, the highest first. */
export function nibble(bytes: Uint8Array, at: number): number {
  return ((bytes[at >> 1] as number) >> (4 - 4 * (at & 1))) & 15;
}

/** Copies one of several entries of a table, each of which it reads. */
export function pick(
  target: Int32Array,
  table: Int32Array,
  entries: number,
  stride: number,
  chosen: number,
  from: number = 0,
): void {
  target.fill(0);
  for (let entry = 0; entry < entries; entry++) {
    const mask = ((entry ^ chosen) - 1) >> 31;
    const start = from + entry * stride;
    for (let word = 0; word < target.length; word++) {
      target[word] = (target[word] as number) | ((table[start + word] as number) & mask);
    }
  }
}
