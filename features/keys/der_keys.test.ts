import { describe, expect, it } from "vitest";
import { sample, thrown } from "../../testing/core/samples.ts";
import { CURVES, EC, ED25519, RSA, X25519 } from "./algorithms.ts";
import type { View } from "./bytes.ts";
import {
  BIT_STRING,
  type Der,
  der,
  derLength,
  derSequence,
  derUnsigned,
  NULL,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  writeDer,
} from "./der.ts";
import { parsePkcs1, parsePkcs1Public, rsaPrivateKey, rsaPublicKey } from "./pkcs1.ts";
import { parsePkcs8, pkcs8Of } from "./pkcs8.ts";
import { parseSec1 } from "./sec1.ts";
import { parseSpki, spkiOf } from "./spki.ts";

function bytes(element: Der, ...behind: readonly number[]): View {
  const whole = new Uint8Array(derLength(element) + behind.length);
  writeDer(element, whole);
  whole.set(behind, whole.length - behind.length);
  return whole;
}
const refusal = (run: () => unknown): string => {
  const { code, message } = thrown(run);
  return code === "ERR_LETHE_KEY_DAMAGED" ? "damaged" : `${code}: ${message}`;
};
const oid = (content: readonly number[]): Der => der(OBJECT_IDENTIFIER, content);
const octets = (...content: readonly number[]): Der => der(OCTET_STRING, content);
const [SEED, POINT] = [sample(32), sample(65)];
const OTHER_CURVE = /^ERR_LETHE_UNSUPPORTED: .*not one of P-256, P-384 and P-521; make/;
const NO_CURVE = /^ERR_LETHE_UNSUPPORTED: .*not say which curve/;
const NUMBERS =
  /^ERR_LETHE_UNSUPPORTED: .*explicit parameters.*openssl pkey .*-ec_param_enc named_curve/;
const [P256, P384] = [CURVES[0], CURVES[1]] as [(typeof CURVES)[number], (typeof CURVES)[number]];

describe("PKCS#1", () => {
  const numbers = {
    n: [0xf1, 1],
    e: [3],
    d: [0x7f],
    p: [0xe1],
    q: [0xd1],
    dp: [5],
    dq: [6],
    qi: [7],
  };
  const fields = Object.values(numbers).map(derUnsigned);
  const read = (material: object): unknown =>
    Object.fromEntries(
      Object.entries(material)
        .filter(([, value]) => value instanceof Uint8Array)
        .map(([name, value]) => [name, [...(value as Uint8Array)]]),
    );

  it("is written and read with its numbers in their order", () => {
    const written = bytes(rsaPrivateKey(numbers as never));
    expect([...written]).toEqual([...bytes(derSequence(derUnsigned([0]), ...fields))]);
    expect(read(parsePkcs1(written))).toEqual(numbers);
    const publicKey = rsaPublicKey(numbers.n, numbers.e);
    expect(read(parsePkcs1Public(publicKey))).toEqual({ n: numbers.n, e: numbers.e });
  });

  it("has version 0, eight numbers, and nothing behind them", () => {
    const of = (version: number, ...more: readonly Der[]) =>
      derSequence(derUnsigned([version]), ...fields, ...more);
    expect(refusal(() => parsePkcs1(bytes(of(1))))).toMatch(
      /^ERR_LETHE_UNSUPPORTED: .*an RSA key of more than two primes; make one of two primes/,
    );
    for (const wrong of [
      bytes(of(2)),
      bytes(of(0, derUnsigned([1]))),
      bytes(of(0), 0),
      bytes(derSequence(derUnsigned([0]), ...fields.slice(1))),
      bytes(octets(1)),
    ]) {
      expect(refusal(() => parsePkcs1(wrong))).toBe("damaged");
    }
    const two = fields.slice(0, 2);
    for (const wrong of [
      bytes(derSequence(...two), 0),
      bytes(derSequence(...two, derUnsigned([1]))),
      bytes(derSequence(...two.slice(1))),
    ]) {
      expect(refusal(() => parsePkcs1Public(wrong))).toBe("damaged");
    }
  });
});

describe("SEC 1", () => {
  const key = (...parts: readonly Der[]) =>
    derSequence(derUnsigned([1]), octets(...SEED), ...parts);
  const curve = (name: readonly number[]) => der(0xa0, [oid(name)]);
  const stated = der(0xa1, [der(BIT_STRING, POINT, [0])]);

  it("is a scalar with its curve and its public key, each where it is said", () => {
    for (const { type, oid: name } of CURVES) {
      for (const known of [null, type]) {
        const material = parseSec1(bytes(key(curve(name), stated)), known);
        expect(material).toEqual({ type, scalar: SEED, stated: POINT });
      }
      expect(parseSec1(bytes(key(curve(name))), null)).toEqual({
        type,
        scalar: SEED,
        stated: null,
      });
      expect(parseSec1(bytes(key()), type)).toEqual({ type, scalar: SEED, stated: null });
      expect(parseSec1(bytes(key(stated)), type).stated).toEqual(POINT);
    }
  });

  it("has one curve, by name, and nothing behind its parts", () => {
    expect(refusal(() => parseSec1(bytes(key()), null))).toMatch(NO_CURVE);
    expect(refusal(() => parseSec1(bytes(key(curve([1, 2]))), null))).toMatch(OTHER_CURVE);
    expect(refusal(() => parseSec1(bytes(key(der(0xa0, [derSequence()]))), null))).toMatch(NUMBERS);
    const { oid: name, type } = P256;
    for (const wrong of [
      bytes(key(curve(P384.oid))),
      bytes(key(curve(name)), 0),
      bytes(key(curve(name), stated, derUnsigned([1]))),
      bytes(key(der(0xa0, [oid(name), oid(name)]))),
      bytes(key(der(0xa1, [der(BIT_STRING, POINT, [0]), derUnsigned([1])]))),
      bytes(key(stated, curve(name))),
      bytes(derSequence(derUnsigned([0]), octets(...SEED))),
      bytes(derSequence(derUnsigned([2]), octets(...SEED))),
    ]) {
      expect(refusal(() => parseSec1(wrong, type))).toBe("damaged");
    }
  });
});

describe("PKCS#8 and SPKI", () => {
  const info = (version: number, algorithm: Der, content: Der, ...more: readonly Der[]) =>
    derSequence(derUnsigned([version]), algorithm, content, ...more);
  const seed = der(OCTET_STRING, [octets(...SEED)]);
  const stated = der(0x81, POINT, [0]);
  const attributes = der(0xa0, [derUnsigned([1])]);
  const rsa = rsaPrivateKey({
    ...{ n: [0xf1], e: [3], d: [5], p: [7], q: [9], dp: [1], dq: [1], qi: [1] },
  } as never);
  const ed25519 = derSequence(oid(ED25519));

  it("are written and read for each type", () => {
    for (const type of ["ed25519", "x25519"] as const) {
      const written = bytes(pkcs8Of(type, SEED, POINT));
      const algorithm = derSequence(oid(type === "ed25519" ? ED25519 : X25519));
      expect([...written]).toEqual([...bytes(info(0, algorithm, seed))]);
      expect(parsePkcs8(written)).toEqual({ type, seed: SEED, stated: null });
      expect(parseSpki(bytes(spkiOf(type, POINT)))).toEqual({ type, point: POINT });
    }
    for (const { type, oid: name } of CURVES) {
      const written = bytes(pkcs8Of(type, SEED, POINT));
      const inner = derSequence(
        derUnsigned([1]),
        octets(...SEED),
        der(0xa1, [der(BIT_STRING, POINT, [0])]),
      );
      const algorithm = derSequence(oid(EC), oid(name));
      expect([...written]).toEqual([...bytes(info(0, algorithm, der(OCTET_STRING, [inner])))]);
      expect(parsePkcs8(written)).toEqual({ type, scalar: SEED, stated: POINT });
      expect(parseSpki(bytes(spkiOf(type, POINT)))).toEqual({ type, point: POINT });
    }
    const secret = bytes(rsa);
    const written = bytes(pkcs8Of("rsa", secret, new Uint8Array(0)));
    const algorithm = derSequence(oid(RSA), der(NULL, []));
    expect([...written]).toEqual([...bytes(info(0, algorithm, der(OCTET_STRING, secret)))]);
    expect(parsePkcs8(written)).toEqual(parsePkcs1(secret));
    const publicKey = rsaPublicKey([0xf1], [3]);
    expect(parseSpki(bytes(spkiOf("rsa", publicKey)))).toEqual(parsePkcs1Public(publicKey));
  });

  it("have a public key in version 1 alone, and attributes before it", () => {
    expect(parsePkcs8(bytes(info(1, ed25519, seed, stated)))).toMatchObject({ stated: POINT });
    expect(parsePkcs8(bytes(info(1, ed25519, seed, attributes, stated)))).toMatchObject({
      stated: POINT,
    });
    const wrapped = der(0xa1, [der(BIT_STRING, POINT, [0])]); // as ring wrote it before version 0.17
    expect(parsePkcs8(bytes(info(1, ed25519, seed, wrapped)))).toMatchObject({ stated: POINT });
    expect(parsePkcs8(bytes(info(0, ed25519, seed, attributes)))).toMatchObject({ stated: null });
    const ec = derSequence(oid(EC), oid(P256.oid));
    const bare = der(OCTET_STRING, [derSequence(derUnsigned([1]), octets(...SEED))]);
    expect(parsePkcs8(bytes(info(1, ec, bare, stated)))).toMatchObject({ stated: POINT });
    for (const wrong of [
      bytes(info(0, ed25519, seed, stated)),
      bytes(info(0, ed25519, seed, wrapped)),
      bytes(info(1, ed25519, seed, wrapped, stated)),
      bytes(info(1, ed25519, seed, der(0xa1, [der(BIT_STRING, POINT, [0]), derUnsigned([1])]))),
      bytes(info(2, ed25519, seed)),
      bytes(info(1, ed25519, seed, stated, attributes)),
      bytes(info(0, ed25519, seed), 0),
      bytes(info(0, ed25519, seed, derUnsigned([1]))),
      bytes(info(0, ed25519, der(OCTET_STRING, [octets(...SEED), derUnsigned([1])]))),
      bytes(info(0, ed25519, octets(...SEED))),
    ]) {
      expect(refusal(() => parsePkcs8(wrong))).toBe("damaged");
    }
    for (const wrong of [
      bytes(spkiOf("ed25519", POINT), 0),
      bytes(derSequence(ed25519, der(BIT_STRING, POINT, [0]), derUnsigned([1]))),
      bytes(derSequence(ed25519, der(BIT_STRING, POINT, [1]))),
    ]) {
      expect(refusal(() => parseSpki(wrong))).toBe("damaged");
    }
  });

  it("name an algorithm with the parameters that it has, and no others", () => {
    const of =
      (algorithm: Der, content: Der = seed) =>
      () =>
        parsePkcs8(bytes(info(0, algorithm, content)));
    const rsaContent = der(OCTET_STRING, [rsa]);
    const ecContent = der(OCTET_STRING, [derSequence(derUnsigned([1]), octets(...SEED))]);
    // Control: what is refused below is the algorithm, and not what follows it.
    expect(of(derSequence(oid(RSA), der(NULL, [])), rsaContent)().type).toBe("rsa");
    expect(of(derSequence(oid(EC), oid(P256.oid)), ecContent)().type).toBe("p256");
    for (const [algorithm, content] of [
      [derSequence(oid(ED25519), der(NULL, [])), seed],
      [derSequence(oid(X25519), oid(ED25519)), seed],
      [derSequence(oid(RSA), der(NULL, [0])), rsaContent],
      [derSequence(oid(RSA), der(NULL, []), der(NULL, [])), rsaContent],
      [derSequence(oid(RSA), oid(RSA)), rsaContent],
      [derSequence(oid(EC), oid(P256.oid), der(NULL, [])), ecContent],
      [derSequence(), seed],
    ] as const) {
      expect(refusal(of(algorithm, content))).toBe("damaged");
    }
    expect(
      parsePkcs8(bytes(info(0, derSequence(oid(RSA)), der(OCTET_STRING, [rsa])))),
    ).toMatchObject({
      type: "rsa",
    });
    for (const [parameters, words] of [
      [[], NO_CURVE],
      [[derSequence()], NUMBERS],
      [[oid([1, 2])], OTHER_CURVE],
    ] as const) {
      expect(refusal(of(derSequence(oid(EC), ...parameters)))).toMatch(words);
    }
    expect(refusal(of(derSequence(oid([1, 2, 3]))))).toMatch(
      /^ERR_LETHE_UNSUPPORTED: .*its algorithm is not one of Ed25519, X25519, ECDSA, ECDH and RSA/,
    );
  });
});
