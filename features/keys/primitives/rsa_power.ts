import { copyBytes } from "../../../core/arguments/check_bytes.ts";
import type { Secrets } from "../../../core/contract/secrets.ts";
import type { View } from "../bytes.ts";
import { type Element, Field } from "./field.ts";
import { lessOne, product, type RsaNumbers } from "./rsa_numbers.ts";
import type { Workspace } from "./workspace.ts";

/** So many bits more than the modulus has make a random number even, but for one part in 2^64. */
const MORE_RANDOM_BYTES = 8;

/**
 * What {@link rsaEncrypt} and {@link rsaDecrypt} take of a {@link Workspace}: the powers of a prime of at most three quarters
 * of the modulus, nine numbers of a field for the modulus and for both primes, and six in bytes.
 */
export function rsaPowerRoom(modulusBytes: number): number {
  return (
    Field.powersRoom(Math.ceil((modulusBytes * 3) / 4)) +
    2 * Field.room(modulusBytes + 32, 3) +
    6 * (modulusBytes + 48)
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
  encryptIn(field, e, message, target, field.element(), field.element());
}

/**
 * RSADP (RFC 8017, section 5.1.2) by the Chinese remainder theorem, blinded and checked.
 *
 * - RSA-1: the secret exponents raise nothing but m * r^e, where m is `sealed` and r a random number that one call draws
 *   and wipes (Kocher, CRYPTO '96): a caller that chooses m does not choose what is computed with the key
 * - RSA-2: a result whose power by e is another number than `sealed` is given to nobody. One that a fault spoiled modulo
 *   one prime would give that prime away (Boneh, DeMillo, Lipton, EUROCRYPT '97)
 *
 * The exponents themselves are not blinded. For c = m * r^e, m^d is c^(d - 1) * m * r^(e - 1), so that r needs no inverse;
 * d - 1 and e - 1 are d and e without their last bit.
 *
 * @param secrets random numbers come from here
 * @returns false when the result was wrong, or when `sealed` is not below n; `target` is then zero
 */
export function rsaDecrypt(
  secrets: Pick<Secrets, "random">,
  numbers: RsaNumbers,
  sealed: Uint8Array,
  target: Uint8Array,
  space: Workspace,
): boolean {
  const { n, e } = numbers;
  const field = new Field(n, space);
  const [blinded, factor, part] = [field.element(), field.element(), field.element()];
  const random = secrets.random(n.length + MORE_RANDOM_BYTES);
  try {
    random.expose((bytes) => field.readAny(blinded, bytes, part));
  } finally {
    random.destroy();
  }
  field.publicPower(factor, blinded, lessOne(e, space));
  field.read(part, sealed);
  field.multiply(factor, factor, part); // m * r^(e - 1)
  field.multiply(blinded, blinded, factor); // m * r^e
  const [value, result] = [space.bytes(n.length), space.bytes(n.length)];
  field.write(blinded, value, part);
  lessPower(numbers, value, result, space);
  field.read(blinded, result);
  field.multiply(blinded, blinded, factor);
  field.write(blinded, result, part);
  encryptIn(field, e, result, value, blinded, factor);
  let wrong = 0;
  for (let at = 0; at < n.length; at++) wrong |= (value[at] as number) ^ (sealed[at] as number);
  if (wrong === 0) copyBytes(target, result);
  else target.fill(0);
  return wrong === 0;
}

/** target = value^(d - 1) modulo n. */
function lessPower(numbers: RsaNumbers, value: View, target: View, space: Workspace): void {
  const { p, q, qi } = numbers;
  const [dp, dq] = [lessOne(numbers.dp, space), lessOne(numbers.dq, space)];
  const [ofP, ofQ] = [new Field(p, space), new Field(q, space)];
  const powers = (ofP.limbs > ofQ.limbs ? ofP : ofQ).powers();
  const rest = space.bytes(q.length);
  const [powerQ, partQ] = [ofQ.element(), ofQ.element()];
  residuePower(ofQ, powerQ, partQ, value, dq, powers);
  ofQ.write(powerQ, rest, partQ);
  const [power, part, other] = [ofP.element(), ofP.element(), ofP.element()];
  residuePower(ofP, power, part, value, dp, powers);
  // h = qi * (power - rest) modulo p
  ofP.readAny(other, rest, part);
  ofP.subtract(power, power, other);
  ofP.readAny(other, qi, part);
  ofP.multiply(power, power, other);
  const h = space.bytes(p.length);
  ofP.write(power, h, part);
  add(product(h, q, space), rest, target);
}

function encryptIn(
  field: Field,
  e: Uint8Array,
  message: Uint8Array,
  target: Uint8Array,
  base: Element,
  power: Element,
): void {
  field.read(base, message);
  field.publicPower(power, base, e);
  field.write(power, target, base);
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
