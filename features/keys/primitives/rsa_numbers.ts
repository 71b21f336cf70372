import type { Workspace } from "./workspace.ts";

/** The numbers of an RSA key, big-endian, without zeros in front. The first two are public. */
export interface RsaNumbers {
  readonly n: Uint8Array;
  readonly e: Uint8Array;
  readonly d: Uint8Array;
  readonly p: Uint8Array;
  readonly q: Uint8Array;
  /** d modulo p - 1 and q - 1. */
  readonly dp: Uint8Array;
  readonly dq: Uint8Array;
  /** The inverse of q modulo p. */
  readonly qi: Uint8Array;
}

/** What one call of the functions here takes of a {@link Workspace}. */
export function rsaRoom(modulusBytes: number): number {
  return 24 * (modulusBytes + 64);
}

/**
 * Whether the numbers belong together: n = p * q, e * dp = 1 modulo p - 1, e * dq = 1 modulo q - 1,
 * q * qi = 1 modulo p, and dp and dq are what d gives. A signature with numbers that do not would give the
 * key away. That p and q are prime is not looked at.
 *
 * No branch depends on a secret number; lengths are public.
 */
export function belongTogether(numbers: RsaNumbers, space: Workspace): boolean {
  const { n, e, d, p, q, dp, dq, qi } = numbers;
  const room = space.bytes(n.length + 64);
  let wrong = differs(product(p, q, space), n);
  for (const [prime, exponent] of [
    [p, dp],
    [q, dq],
  ] as const) {
    const less = lessOne(prime, space);
    reduce(product(e, exponent, space), less, room);
    wrong |= differs(room, ONE);
    reduce(d, less, room);
    wrong |= differs(room, exponent);
  }
  reduce(product(q, qi, space), p, room);
  wrong |= differs(room, ONE);
  return wrong === 0;
}

/** `d` modulo `prime - 1`, in as many bytes as `prime` has. */
export function crtExponent(
  d: Uint8Array,
  prime: Uint8Array,
  target: Uint8Array,
  space: Workspace,
): void {
  reduce(d, lessOne(prime, space), target);
}

const ONE = Uint8Array.of(1);

/** A copy of an odd number, less one. */
export function lessOne(odd: Uint8Array, space: Workspace): Uint8Array {
  const less = space.bytes(odd.length);
  less.set(odd);
  less[odd.length - 1] = (odd[odd.length - 1] as number) & 254;
  return less;
}

/** The product of two numbers. Sums of up to 2048 products of bytes stay below 2^28. */
export function product(left: Uint8Array, right: Uint8Array, space: Workspace): Uint8Array {
  const length = left.length + right.length;
  const result = space.bytes(length);
  let carry = 0;
  for (let place = 0; place < length; place++) {
    const first = Math.max(0, place - right.length + 1);
    for (let index = first; index < left.length && index <= place; index++) {
      carry +=
        (left[left.length - 1 - index] as number) *
        (right[right.length - 1 - place + index] as number);
    }
    result[length - 1 - place] = carry & 255;
    carry >>>= 8;
  }
  return result;
}

/** Writes `value` modulo `modulus` to the end of `target`, bit by bit, subtracting by a mask. */
export function reduce(value: Uint8Array, modulus: Uint8Array, target: Uint8Array): void {
  const { length } = modulus;
  target.fill(0);
  const start = target.length - length;
  for (let bit = 0; bit < value.length * 8; bit++) {
    let carry = ((value[bit >> 3] as number) >> (7 - (bit & 7))) & 1;
    let borrow = 0;
    for (let index = length - 1; index >= 0; index--) {
      const doubled = ((target[start + index] as number) << 1) | carry;
      target[start + index] = doubled;
      carry = doubled >> 8;
      borrow = ((doubled & 255) - (modulus[index] as number) + borrow) >> 8;
    }
    const subtracted = -(carry | (1 + borrow)); // all ones where the modulus fits
    borrow = 0;
    for (let index = length - 1; index >= 0; index--) {
      const rest =
        (target[start + index] as number) - ((modulus[index] as number) & subtracted) + borrow;
      target[start + index] = rest;
      borrow = rest >> 8;
    }
  }
}

/** Whether two numbers differ, zeros in front apart: 0 or another number. */
function differs(left: Uint8Array, right: Uint8Array): number {
  let difference = 0;
  const length = Math.max(left.length, right.length);
  for (let index = 1; index <= length; index++) {
    difference |= (left[left.length - index] ?? 0) ^ (right[right.length - index] ?? 0);
  }
  return difference;
}
