import { Buffer } from "node:buffer";
import * as node from "node:crypto";
import { expect, it } from "vitest";
import { openSecrets } from "../../../memories/heap/mod.ts";
import { SOAK } from "../../../testing/tier.ts";
import { curveConstants, readPoint, toBytes } from "./curve_constants.ts";
import { POINT_ROOM, publicPoint } from "./nist_point.ts";
import { belongTogether, crtExponent, type RsaNumbers, rsaRoom } from "./rsa_numbers.ts";
import { withWorkspace } from "./workspace.ts";

const secrets = openSecrets({ memory: "heap" });
const ROUNDS = !SOAK ? 1 : 200;
const CURVES = [
  ["p256", "prime256v1"],
  ["p384", "secp384r1"],
  ["p521", "secp521r1"],
] as const;

const pointOf = (curve: "p256" | "p384" | "p521", scalar: Uint8Array): Uint8Array | null =>
  withWorkspace(secrets, POINT_ROOM, (space) => {
    const target = space.bytes(1 + 2 * scalar.length);
    return publicPoint(curve, scalar, target, space) ? target.slice() : null;
  });

/** P-521 takes 0.1 s for each. */
const QUICK = ROUNDS > 1 ? CURVES : CURVES.slice(0, 2);

it("the public point of a scalar is what OpenSSL computes, at the ends of the range too", () => {
  for (const [curve, name] of QUICK) {
    const { order, byteLength } = curveConstants(curve);
    const ecdh = node.createECDH(name);
    const scalars = [1n, order - 1n].map((scalar) => toBytes(scalar, byteLength));
    for (let round = 0; round < ROUNDS; round++) {
      ecdh.generateKeys();
      scalars.push(toBytes(BigInt(`0x${ecdh.getPrivateKey("hex")}`), byteLength));
    }
    for (const scalar of scalars) {
      ecdh.setPrivateKey(scalar);
      expect(Buffer.from(pointOf(curve, scalar) ?? [])).toEqual(ecdh.getPublicKey());
    }
    expect(pointOf(curve, toBytes(0n, byteLength))).toBe(null);
    expect(pointOf(curve, toBytes(order, byteLength))).toBe(null);
    expect(pointOf(curve, new Uint8Array(byteLength).fill(255))).toBe(null);
  }
});

it("points are read compressed or not, and only if they are on the curve", () => {
  for (const [curve, name] of CURVES) {
    for (let round = 0; round < 4; round++) {
      const ecdh = node.createECDH(name);
      ecdh.generateKeys();
      const whole = ecdh.getPublicKey();
      expect(Buffer.from(readPoint(curve, whole) ?? [])).toEqual(whole);
      const compressed = ecdh.getPublicKey(null, "compressed");
      expect(Buffer.from(readPoint(curve, compressed) ?? [])).toEqual(whole);
      const { byteLength } = curveConstants(curve);
      whole[2 * byteLength] = (whole[2 * byteLength] as number) ^ 1;
      expect(readPoint(curve, whole)).toBe(null);
      expect(readPoint(curve, whole.subarray(1))).toBe(null);
    }
  }
});

it("RSA numbers belong together only as OpenSSL made them", () => {
  const { privateKey } = node.generateKeyPairSync("rsa", { modulusLength: 1024 });
  const jwk = privateKey.export({ format: "jwk" });
  const numbers = Object.fromEntries(
    ["n", "e", "d", "p", "q", "dp", "dq", "qi"].map((name) => [
      name,
      Uint8Array.from(Buffer.from(jwk[name as "n"] as string, "base64url")),
    ]),
  ) as unknown as RsaNumbers;
  const together = (changed: Partial<RsaNumbers>): boolean =>
    withWorkspace(secrets, rsaRoom(128), (space) =>
      belongTogether({ ...numbers, ...changed }, space),
    );
  expect(together({})).toBe(true);
  for (const name of Object.keys(numbers) as (keyof RsaNumbers)[]) {
    const changed = numbers[name].slice();
    changed[changed.length - 1] = (changed[changed.length - 1] as number) ^ 2;
    expect(together({ [name]: changed }), name).toBe(false);
  }
  expect(together({ p: numbers.q, q: numbers.p })).toBe(false);
  withWorkspace(secrets, rsaRoom(128), (space) => {
    const target = space.bytes(64);
    crtExponent(numbers.d, numbers.p, target, space);
    const expected = Buffer.concat([Buffer.alloc(64 - numbers.dp.length), numbers.dp]);
    expect(Buffer.from(target)).toEqual(expected);
  });
});
