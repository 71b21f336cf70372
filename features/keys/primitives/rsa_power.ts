import { type Element, Field } from "./field.ts";
import { product, type RsaNumbers } from "./rsa_numbers.ts";
import type { Workspace } from "./workspace.ts";

/**
 * What {@link rsaEncrypt} and {@link rsaDecrypt} take of a {@link Workspace}: the powers of a prime of at most three quarters
 * of the modulus, eight numbers more than a field has for the modulus and both primes, and six in bytes.
 */
export function rsaPowerRoom(modulusBytes: number): number {
  return (
    Field.powersRoom(Math.ceil((modulusBytes * 3) / 4)) +
    2 * Field.room(modulusBytes + 32, 3) +
    4 * (modulusBytes + 48)
  );
}

/** RSAEP (RFC 8017, section 5.1.1). `message` is below n; both have its length. */
export function rsaEncrypt(
  { n, e }: Pick<RsaNumbers, "n" | "e">,
  message: Uint8Array,
  target: Uint8Array,
  space: Workspace,
): void {
  const field = new Field(n, space);
  const [base, power] = [field.element(), field.element()];
  field.read(base, message);
  field.publicPower(power, base, e);
  field.write(power, target, base);
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
  const { n, p, q, dp, dq, qi } = numbers;
  const [ofP, ofQ] = [new Field(p, space), new Field(q, space)];
  const powers = (ofP.limbs > ofQ.limbs ? ofP : ofQ).powers();
  const rest = space.bytes(q.length);
  const [powerQ, partQ] = [ofQ.element(), ofQ.element()];
  residuePower(ofQ, powerQ, partQ, sealed, dq, powers);
  ofQ.write(powerQ, rest, partQ);
  const [power, part, other] = [ofP.element(), ofP.element(), ofP.element()];
  residuePower(ofP, power, part, sealed, dp, powers);
  // h = qi * (power - rest) modulo p
  ofP.readAny(other, rest, part);
  ofP.subtract(power, power, other);
  ofP.readAny(other, qi, part);
  ofP.multiply(power, power, other);
  const h = space.bytes(p.length);
  ofP.write(power, h, part);
  add(product(h, q, space), rest, target);
  const again = space.bytes(n.length);
  rsaEncrypt(numbers, target, again, space);
  let wrong = 0;
  for (let at = 0; at < n.length; at++) wrong |= (again[at] as number) ^ (sealed[at] as number);
  if (wrong === 0) return true;
  target.fill(0);
  return false;
}

/** power = (value modulo the prime) to the exponent. */
function residuePower(
  field: Field,
  power: Element,
  part: Element,
  value: Uint8Array,
  exponent: Uint8Array,
  powers: Int32Array,
): void {
  field.readAny(power, value, part);
  field.power(power, power, exponent, powers);
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
