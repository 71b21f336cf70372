import { OddModulus, oddModulusRoom } from "./odd_modulus.ts";
import { product, type RsaNumbers, reduce } from "./rsa_numbers.ts";
import type { Workspace } from "./workspace.ts";

/** What {@link rsaEncrypt} and {@link rsaDecrypt} take of a {@link Workspace}. */
export function rsaPowerRoom(modulusBytes: number): number {
  return 4 * oddModulusRoom(modulusBytes) + 12 * (modulusBytes + 32);
}

/** RSAEP (RFC 8017, section 5.1.1). `message` is below n; both have its length. */
export function rsaEncrypt(
  { n, e }: Pick<RsaNumbers, "n" | "e">,
  message: Uint8Array,
  target: Uint8Array,
  space: Workspace,
): void {
  new OddModulus(n, space).publicPower(message, e, target);
}

/**
 * RSADP (RFC 8017, section 5.1.2) by the Chinese remainder theorem, checked: a result that was computed wrongly, by
 * a fault of the machine, would give the key away.
 *
 * @returns false when it was, or when `sealed` is not below n; `target` is then zero
 */
export function rsaDecrypt(
  numbers: RsaNumbers,
  sealed: Uint8Array,
  target: Uint8Array,
  space: Workspace,
): boolean {
  const { n, e, p, q, dp, dq, qi } = numbers;
  const ofP = residuePower(sealed, p, dp, space);
  const ofQ = residuePower(sealed, q, dq, space);
  // h = qi * (ofP - ofQ) modulo p, where what is subtracted comes first modulo p, and p is added.
  const difference = space.bytes(p.length + 1);
  reduce(ofQ, p, difference);
  subtract(ofP, difference, p);
  const h = space.bytes(p.length);
  reduce(product(qi, difference, space), p, h);
  add(product(h, q, space), ofQ, target);
  const again = space.bytes(n.length);
  new OddModulus(n, space).publicPower(target, e, again);
  let wrong = 0;
  for (let at = 0; at < n.length; at++) wrong |= (again[at] as number) ^ (sealed[at] as number);
  if (wrong === 0) return true;
  target.fill(0);
  return false;
}

/** (value modulo prime) to the exponent. */
function residuePower(
  value: Uint8Array,
  prime: Uint8Array,
  exponent: Uint8Array,
  space: Workspace,
): Uint8Array {
  const [residue, power] = [space.bytes(prime.length), space.bytes(prime.length)];
  reduce(value, prime, residue);
  new OddModulus(prime, space).secretPower(residue, exponent, power);
  return power;
}

/** target = value + prime - target; `target` has a byte more than both. */
function subtract(value: Uint8Array, target: Uint8Array, prime: Uint8Array): void {
  let carry = 0;
  for (let at = prime.length - 1; at >= 0; at--) {
    carry += (value[at] as number) + (prime[at] as number) - (target[at + 1] as number);
    target[at + 1] = carry & 255;
    carry >>= 8;
  }
  target[0] = carry;
}

/** target = the last bytes of left + right. */
function add(left: Uint8Array, right: Uint8Array, target: Uint8Array): void {
  let carry = 0;
  for (let at = 1; at <= target.length; at++) {
    carry += (left[left.length - at] ?? 0) + (right[right.length - at] ?? 0);
    target[target.length - at] = carry & 255;
    carry >>= 8;
  }
}
