/** RSA keys by their numbers, and arithmetic by BigInt to hold Lethe's own to. */
import { Buffer } from "node:buffer";
import * as node from "node:crypto";
import type { RsaNumbers } from "../../../features/keys/primitives/rsa_numbers.ts";

/** The numbers of a key that OpenSSL made. */
export function makeRsaNumbers(bits: number, exponent: number = 65_537): RsaNumbers {
  const { privateKey } = node.generateKeyPairSync("rsa", {
    modulusLength: bits,
    publicExponent: exponent,
  });
  return numbersOfKey(privateKey);
}

export function numbersOfKey(privateKey: node.KeyObject): RsaNumbers {
  const jwk = privateKey.export({ format: "jwk" });
  const of = (name: "n" | "e" | "d" | "p" | "q" | "dp" | "dq" | "qi"): Uint8Array =>
    new Uint8Array(Buffer.from(jwk[name] ?? "", "base64url"));
  const [n, e, d, p] = [of("n"), of("e"), of("d"), of("p")];
  return { n, e, d, p, q: of("q"), dp: of("dp"), dq: of("dq"), qi: of("qi") };
}

export const big = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);

export const bytesOf = (value: bigint, length: number): Uint8Array =>
  new Uint8Array(Buffer.from(value.toString(16).padStart(length * 2, "0"), "hex"));

export function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let square = base % modulus, rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** The inverse of `value` modulo `modulus`; null where there is none. */
export function inverse(value: bigint, modulus: bigint): bigint | null {
  let [left, right, from, to] = [modulus, value % modulus, 0n, 1n];
  while (right > 0n) {
    const count = left / right;
    [left, right, from, to] = [right, left - count * right, to, from - count * to];
  }
  return left === 1n ? (from + modulus) % modulus : null;
}

/** A number as a field keeps it: little-endian words of 13 bits, of the number times the radix. */
export function montgomeryWords(value: bigint, modulus: bigint, limbs: number): Uint8Array[] {
  const form = (value << BigInt(13 * limbs)) % modulus;
  // A field keeps numbers below twice the modulus.
  return [form, form + modulus].map((number) => {
    const words = new Int32Array(limbs);
    for (let limb = 0; limb < limbs; limb++) {
      words[limb] = Number((number >> BigInt(13 * limb)) & 8191n);
    }
    return new Uint8Array(words.buffer);
  });
}

/** A key of that many bits, also of an odd number of them, of which OpenSSL makes one less. */
export function makeRsaKey(bits: number, exponent: number): node.KeyObject {
  const options = { modulusLength: bits, publicExponent: exponent };
  if (bits % 2 === 0) return node.generateKeyPairSync("rsa", options).privateKey;
  const e = BigInt(exponent);
  for (;;) {
    // The two highest bits of each are set, so that the product has all of its bits.
    const [p, q] = [(bits + 1) / 2, (bits - 1) / 2].map((size) =>
      node.generatePrimeSync(size, { bigint: true }),
    ) as [bigint, bigint];
    const [d, qi] = [inverse(e, (p - 1n) * (q - 1n)), inverse(q, p)];
    if (d === null || qi === null) continue;
    const text = (value: bigint): string =>
      Buffer.from(bytesOf(value, Math.ceil(value.toString(16).length / 2))).toString("base64url");
    const [n, dp, dq] = [p * q, d % (p - 1n), d % (q - 1n)].map(text);
    const factors = { p: text(p), q: text(q), dp, dq, qi: text(qi) };
    const key = { kty: "RSA", n, e: text(e), d: text(d), ...factors };
    return node.createPrivateKey({ format: "jwk", key: key as node.JsonWebKeyInput["key"] });
  }
}
