import * as node from "node:crypto";
import { describe, expect, it } from "vitest";
import { openSecrets } from "../../../memories/heap/mod.ts";
import {
  big,
  bytesOf,
  inverse,
  makeRsaNumbers,
  power,
} from "../../../testing/features/keys/rsa_numbers.ts";
import { SOAK } from "../../../testing/tier.ts";
import { Field } from "./field.ts";
import type { RsaNumbers } from "./rsa_numbers.ts";
import { rsaDecrypt, rsaEncrypt, rsaPowerRoom } from "./rsa_power.ts";
import { withWorkspace } from "./workspace.ts";

const secrets = openSecrets({ memory: "heap" });
const SIZES = SOAK ? [1024, 1536, 2048, 3072, 4096] : [1024];

describe("powers modulo an odd number", () => {
  it("are those of BigInt, at the ends of the range and for short moduli too", () => {
    for (let round = 0; round < (SOAK ? 2000 : 60); round++) {
      const length = 1 + (round % 40);
      const modulus = new Uint8Array(node.randomBytes(length));
      if (round % 5 === 0) modulus.fill(255);
      modulus[length - 1] = (modulus[length - 1] as number) | 1;
      modulus[0] = (modulus[0] as number) | 2;
      const m = big(modulus);
      const exponent = new Uint8Array(node.randomBytes(1 + (round % 9)));
      for (const base of [0n, 1n, m - 1n, big(node.randomBytes(length)) % m]) {
        const expected = power(base, big(exponent), m);
        for (const way of ["publicPower", "power"] as const) {
          const target = new Uint8Array(length);
          withWorkspace(secrets, Field.room(length, 2) + Field.powersRoom(length), (space) => {
            const field = new Field(modulus, space);
            const [number, result] = [field.element(), field.element()];
            field.read(number, bytesOf(base, length));
            if (way === "publicPower") field.publicPower(result, number, exponent);
            else field.power(result, number, exponent, field.powers());
            field.write(result, target, number);
          });
          expect(big(target)).toBe(expected);
        }
      }
    }
  });
});

/** Numbers of the largest modulus, of two that have no factor in common, for which each message is its own power. */
function largestNumbers(primeBytes: number): RsaNumbers {
  const one = Uint8Array.of(1);
  for (;;) {
    const [p, q] = [primeBytes, 2048 - primeBytes].map((byteLength) => {
      const bytes = new Uint8Array(node.randomBytes(byteLength));
      bytes[0] = (bytes[0] as number) | 0xc0;
      bytes[byteLength - 1] = (bytes.at(-1) as number) | 1;
      return bytes;
    }) as [Uint8Array, Uint8Array];
    const qi = inverse(big(q), big(p));
    if (qi === null) continue;
    const n = bytesOf(big(p) * big(q), 2048);
    return { n, e: one, d: one, p, q, dp: one, dq: one, qi: bytesOf(qi, primeBytes) };
  }
}

it.each(SOAK ? [512, 1024, 1536] : [1024])(
  "RSA of 16,384 bits with a prime of %i bytes has the room that it takes, and is right",
  (primeBytes) => {
    const numbers = largestNumbers(primeBytes);
    const { n } = numbers;
    const message = bytesOf(big(node.randomBytes(n.length)) % big(n), n.length);
    const opened = new Uint8Array(n.length);
    const good = withWorkspace(secrets, rsaPowerRoom(n.length), (space) =>
      rsaDecrypt(secrets, numbers, message, opened, space),
    );
    expect(good).toBe(true);
    expect(opened).toEqual(message);
  },
);

describe.each(SIZES)("RSA of %i bits", (bits) => {
  it.each([3, 65_537])("with e = %i decrypts what it encrypted", (exponent) => {
    const numbers = makeRsaNumbers(bits, exponent);
    const { n } = numbers;
    for (const value of [0n, 1n, big(n) - 1n, big(node.randomBytes(n.length)) % big(n)]) {
      const [message, sealed, opened] = [
        bytesOf(value, n.length),
        new Uint8Array(n.length),
        new Uint8Array(n.length),
      ];
      const good = withWorkspace(secrets, 2 * rsaPowerRoom(n.length), (space) => {
        rsaEncrypt(numbers, message, sealed, space);
        return rsaDecrypt(secrets, numbers, sealed, opened, space);
      });
      expect(good).toBe(true);
      expect(big(sealed)).toBe(power(value, BigInt(exponent), big(n)));
      expect(big(opened)).toBe(value);
    }
  });

  it("gives nothing for a number that is too large, nor with numbers that were damaged", () => {
    const numbers = makeRsaNumbers(bits);
    const { n } = numbers;
    const decrypt = (own: RsaNumbers, sealed: Uint8Array): boolean => {
      const opened = new Uint8Array(n.length).fill(1);
      const good = withWorkspace(secrets, rsaPowerRoom(n.length), (space) =>
        rsaDecrypt(secrets, own, sealed, opened, space),
      );
      if (!good) expect(opened.every((byte) => byte === 0)).toBe(true);
      return good;
    };
    const sealed = bytesOf(big(n) - 2n, n.length);
    expect(decrypt(numbers, sealed)).toBe(true);
    expect(decrypt(numbers, n)).toBe(false);
    expect(decrypt(numbers, new Uint8Array(n.length).fill(255))).toBe(false);
    for (const name of ["dp", "dq", "qi"] as const) {
      const damaged = numbers[name].slice();
      damaged[damaged.length - 1] = (damaged.at(-1) as number) ^ 4;
      expect(decrypt({ ...numbers, [name]: damaged }, sealed)).toBe(false);
    }
  });
});
