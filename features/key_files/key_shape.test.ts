import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { afterEach, describe, expect, it } from "vitest";
import { MemorySecrets } from "../../core/memory_secrets.ts";
import { openSodiumEngine } from "../../engines/sodium/mod.ts";
import { openSecrets } from "../../memories/heap/mod.ts";
import { read, sample } from "../../testing/core/samples.ts";
import { bytesOf, checkShape, type KeyPair, secretOf, toKey, typeOf } from "./key_shape.ts";

const secrets = openSecrets() as unknown as MemorySecrets;
afterEach(() => secrets.purge());
const asked: (readonly string[])[] = [];
const engineFor = (operations: readonly string[]) => {
  asked.push(operations);
  return openSodiumEngine();
};
const make = <S extends number | "ed25519" | "x25519">(shape: S, length: number = 32) =>
  toKey(secrets, engineFor as never, shape, secrets.move(sample(length)));

it("is a number of bytes, or one of two algorithms", () => {
  expect(MemorySecrets.is(secrets)).toBe(true);
  for (const shape of ["ed25519", "x25519", 1, 32, 65_536]) checkShape(shape, "read");
  for (const shape of ["", "rsa", null, undefined, {}, 32n]) {
    expect(() => checkShape(shape, "read")).toThrow(
      'Cannot read key file as its shape must be a number of bytes, "ed25519" or "x25519"',
    );
  }
  for (const shape of [0, -1, 1.5, 65_537, Number.NaN]) {
    expect(() => checkShape(shape, "read")).toThrow(
      `Cannot read key file as its number of bytes must be an integer from 1 to 65536: current value is ${shape}`,
    );
  }
  expect([16, "ed25519", "x25519"].map((shape) => typeOf(shape as 16))).toEqual([
    "symmetric",
    "ed25519",
    "x25519",
  ]);
  expect([16, "ed25519", "x25519"].map((shape) => bytesOf(shape as 16))).toEqual([16, 32, 32]);
});

describe("the key of a file", () => {
  it("of bytes is the secret itself, frozen", () => {
    const key = make(20, 20);
    expect([key.frozen, secretOf(key) === key]).toEqual([true, true]);
    expect(read(key)).toEqual(sample(20));
    expect(secrets.stats.live).toBe(1);
  });

  it.each([
    ["ed25519", ed25519.getPublicKey(sample(32)), 64],
    ["x25519", x25519.getPublicKey(sample(32)), 32],
  ] as const)("of %s is a pair as another implementation makes it", (type, publicKey, length) => {
    const pair: KeyPair = make(type);
    expect(asked.at(-1)).toEqual([type]);
    expect([pair.type, Buffer.compare(pair.publicKey, publicKey)]).toEqual([type, 0]);
    expect([Object.isFrozen(pair), pair.secretKey.frozen, secrets.stats.live]).toEqual([
      true,
      true,
      1,
    ]);
    expect(Object.is(secretOf(pair), pair.secretKey)).toBe(true);
    const whole = read(pair.secretKey);
    expect([whole.length, Buffer.compare(whole.subarray(0, 32), sample(32))]).toEqual([length, 0]);
    if (type === "ed25519") expect(Buffer.compare(whole.subarray(32), publicKey)).toBe(0);
    pair[Symbol.dispose]();
    expect([pair.secretKey.state, secrets.stats.live]).toEqual(["destroyed", 0]);
  });

  it("leaves no secret where the engine fails", () => {
    const failing = () => {
      throw new Error("no engine");
    };
    expect(() => toKey(secrets, failing as never, "ed25519", secrets.move(sample(32)))).toThrow(
      "no engine",
    );
    expect(secrets.stats.live).toBe(0);
  });
});
