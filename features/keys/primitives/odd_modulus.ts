import type { Workspace } from "./workspace.ts";

/** Bits of a limb: two products and two carries stay below 2^31. */
const BITS = 14;
const MASK = (1 << BITS) - 1;

/** What an {@link OddModulus} takes of a {@link Workspace}. */
export function oddModulusRoom(modulusBytes: number): number {
  return 8 * (limbsOf(modulusBytes) * 4 + 32);
}

/**
 * Powers modulo an odd number, by Montgomery's multiplication, in secret memory. No branch and no place in
 * memory depends on a base, and none on the exponent of {@link OddModulus.secretPower}; lengths are public.
 */
export class OddModulus {
  readonly #limbs: number;
  readonly #modulus: Int32Array;
  /** Less the inverse of the lowest limb. */
  readonly #factor: number;
  /** R^2, which brings a number into Montgomery's form. */
  readonly #square: Int32Array;
  readonly #one: Int32Array;
  readonly #sum: Int32Array;
  readonly #trial: Int32Array;
  readonly #base: Int32Array;
  readonly #result: Int32Array;

  /** @param modulus big-endian, odd */
  constructor(modulus: Uint8Array, space: Workspace) {
    this.#limbs = limbsOf(modulus.length);
    const word = (): Int32Array => space.words(this.#limbs + 1);
    [this.#modulus, this.#square, this.#one] = [word(), word(), word()];
    [this.#sum, this.#trial, this.#base, this.#result] = [word(), word(), word(), word()];
    split(modulus, this.#modulus);
    const low = this.#modulus[0] as number;
    let inverse = 1;
    for (let step = 0; step < 4; step++) {
      inverse = Math.imul(inverse, 2 - Math.imul(low, inverse)) & MASK;
    }
    this.#factor = -inverse & MASK;
    this.#one[0] = 1;
    this.#square[0] = 1;
    for (let bit = 0; bit < 2 * BITS * this.#limbs; bit++) this.#double(this.#square);
  }

  /** @param base below the modulus; @param exponent public; @param target as long as the modulus */
  publicPower(base: Uint8Array, exponent: Uint8Array, target: Uint8Array): void {
    this.#power(base, exponent, target, (bit) => {
      if (bit === 1) this.#multiply(this.#result, this.#result, this.#base);
    });
  }

  /** As {@link publicPower}, for an exponent that only its length may show of. */
  secretPower(base: Uint8Array, exponent: Uint8Array, target: Uint8Array): void {
    this.#power(base, exponent, target, (bit) => {
      this.#multiply(this.#trial, this.#result, this.#base);
      select(-bit, this.#trial, this.#result, this.#limbs);
    });
  }

  #power(
    base: Uint8Array,
    exponent: Uint8Array,
    target: Uint8Array,
    step: (bit: number) => void,
  ): void {
    split(base, this.#base);
    this.#multiply(this.#base, this.#base, this.#square);
    this.#multiply(this.#result, this.#one, this.#square);
    for (let at = 0; at < exponent.length * 8; at++) {
      this.#multiply(this.#result, this.#result, this.#result);
      step(((exponent[at >> 3] as number) >> (7 - (at & 7))) & 1);
    }
    this.#multiply(this.#result, this.#result, this.#one);
    join(this.#result, target);
  }

  /** left * right / R. `target` may be any of the two. */
  #multiply(target: Int32Array, left: Int32Array, right: Int32Array): void {
    const limbs = this.#limbs;
    const modulus = this.#modulus;
    const sum = this.#sum;
    sum.fill(0);
    for (let index = 0; index < limbs; index++) {
      const factor = left[index] as number;
      const first = (sum[0] as number) + Math.imul(factor, right[0] as number);
      const quotient = Math.imul(first & MASK, this.#factor) & MASK;
      let carry = (first + Math.imul(quotient, modulus[0] as number)) >> BITS;
      for (let limb = 1; limb < limbs; limb++) {
        const next =
          (sum[limb] as number) +
          Math.imul(factor, right[limb] as number) +
          Math.imul(quotient, modulus[limb] as number) +
          carry;
        sum[limb - 1] = next & MASK;
        carry = next >> BITS;
      }
      const last = (sum[limbs] as number) + carry;
      sum[limbs - 1] = last & MASK;
      sum[limbs] = last >> BITS;
    }
    this.#lessModulus(sum);
    for (let limb = 0; limb < limbs; limb++) target[limb] = sum[limb] as number;
  }

  #double(number: Int32Array): void {
    const limbs = this.#limbs;
    let carry = 0;
    for (let limb = 0; limb < limbs; limb++) {
      const next = ((number[limb] as number) << 1) | carry;
      number[limb] = next & MASK;
      carry = next >> BITS;
    }
    number[limbs] = carry;
    this.#lessModulus(number);
  }

  /** Subtracts the modulus once where it fits, by a mask. */
  #lessModulus(number: Int32Array): void {
    const limbs = this.#limbs;
    const modulus = this.#modulus;
    let borrow = 0;
    for (let limb = 0; limb < limbs; limb++) {
      borrow = ((number[limb] as number) - (modulus[limb] as number) + borrow) >> BITS;
    }
    const fits = ~(((number[limbs] as number) + borrow) >> 31);
    borrow = 0;
    for (let limb = 0; limb < limbs; limb++) {
      const rest = (number[limb] as number) - ((modulus[limb] as number) & fits) + borrow;
      number[limb] = rest & MASK;
      borrow = rest >> BITS;
    }
    number[limbs] = 0;
  }
}

function limbsOf(byteLength: number): number {
  return Math.ceil((byteLength * 8) / BITS);
}

/** Copies `source` where the mask is all ones. */
function select(mask: number, source: Int32Array, target: Int32Array, limbs: number): void {
  for (let limb = 0; limb < limbs; limb++) {
    const kept = target[limb] as number;
    target[limb] = kept ^ (mask & (kept ^ (source[limb] as number)));
  }
}

/** Big-endian bytes as limbs, the lowest first. */
function split(bytes: Uint8Array, limbs: Int32Array): void {
  limbs.fill(0);
  for (let bit = 0; bit < bytes.length * 8; bit += 8) {
    const byte = bytes[bytes.length - 1 - (bit >> 3)] as number;
    const limb = Math.floor(bit / BITS);
    const shift = bit % BITS;
    limbs[limb] = (limbs[limb] as number) | ((byte << shift) & MASK);
    limbs[limb + 1] = (limbs[limb + 1] as number) | (byte >> (BITS - shift));
  }
}

function join(limbs: Int32Array, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at++) {
    const bit = at * 8;
    const limb = Math.floor(bit / BITS);
    const shift = bit % BITS;
    const pair = (limbs[limb] as number) | ((limbs[limb + 1] as number) << BITS);
    bytes[bytes.length - 1 - at] = pair >> shift;
  }
}
