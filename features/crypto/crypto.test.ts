import { afterEach, describe, expect, it } from "vitest";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { assertNoSecrets } from "../../core/mod.ts";
import { openSecrets } from "../../memories/heap/mod.ts";
import { ascii, holds, read, sample, thrown } from "../../testing/core/samples.ts";
import { openEngines } from "../../testing/features/crypto/engines.ts";
import type { SecretCrypto } from "./crypto.ts";
import { openCrypto } from "./open_crypto.ts";

const engines = await openEngines();
const secrets = openSecrets();
afterEach(() => secrets.purge());

const EMPTY = new Uint8Array(0);
const secret = (byteLength: number): SecretBuffer => secrets.move(sample(byteLength));

describe.each(engines.map((engine) => [engine.name, engine] as const))("%s", (_name, engine) => {
  const crypto = openCrypto(secrets, { engine });

  it.each([1, 15, 16, 17, 63, 64, 65, 1000, 65_536, 100_001])("encrypts %i bytes", (length) => {
    const [key, message] = [secret(32), secret(length)];
    for (const additional of [undefined, EMPTY, sample(1), sample(1000)]) {
      const options = additional === undefined ? undefined : { additional };
      const encrypted = crypto.encrypt(key, message, options);
      expect(encrypted.length).toBe(length + 40);
      const opened = crypto.decrypt(key, encrypted, options);
      expect(holds(opened, sample(length))).toBe(true);
      expect(holds(crypto.decrypt(key, Buffer.from(encrypted), options), sample(length))).toBe(
        true,
      );
      opened.destroy();
    }
    const plain = crypto.encrypt(key, sample(length));
    expect(holds(crypto.decrypt(key, plain), sample(length))).toBe(true);
  });

  it("encrypts an empty message, which only isAuthentic can answer for", () => {
    const key = secret(32);
    const encrypted = crypto.encrypt(key, EMPTY);
    expect([encrypted.length, crypto.isAuthentic(key, encrypted)]).toEqual([40, true]);
    expect(thrown(() => crypto.decrypt(key, encrypted))).toBeInstanceOf(RangeError);
    const box = crypto.agreeKeyPair();
    const publicKey: Uint8Array = box.publicKey; // of another library, it may be over any buffer
    expect(
      thrown(() => crypto.unsealBox({ ...box, publicKey }, crypto.sealBox(publicKey, EMPTY))),
    ).toBeInstanceOf(RangeError);
  });

  it("never uses a nonce twice", () => {
    const [key, message] = [secret(32), sample(4)];
    const nonces = Array.from({ length: 1000 }, () =>
      Buffer.from(crypto.encrypt(key, message).subarray(0, 24)).toString("hex"),
    );
    expect(new Set(nonces).size).toBe(1000);
    const boxes = crypto.agreeKeyPair();
    const keys = Array.from({ length: 20 }, () =>
      Buffer.from(crypto.sealBox(boxes.publicKey, message).subarray(0, 32)).toString("hex"),
    );
    expect(new Set(keys).size).toBe(20);
  });

  it("takes one secret in two places, frozen ones, and views with an offset", () => {
    const key = secret(32).freeze();
    expect(holds(crypto.decrypt(key, crypto.encrypt(key, key)), sample(32))).toBe(true);
    expect(read(crypto.hmac(key, key))).toEqual(read(crypto.hmac(key, sample(32))));
    const within = new Uint8Array(sample(100).buffer, 7, 33);
    expect(read(crypto.keyedHash(key, within))).toEqual(
      read(crypto.keyedHash(key, within.slice())),
    );
    const pair = crypto.signKeyPair(key);
    const publicKey: Uint8Array<ArrayBuffer> = pair.publicKey; // as WebCrypto takes it
    const signature = crypto.sign(pair.secretKey, pair.secretKey);
    expect(crypto.verify(publicKey, read(pair.secretKey), signature)).toBe(true);
    expect(key.state).toBe("guarded");
  });

  it("has every length of result that it offers", () => {
    const key = secret(32);
    for (const length of [16, 17, 31, 32, 33, 63, 64]) {
      expect(crypto.keyedHash(key, EMPTY, { byteLength: length }).byteLength).toBe(length);
      expect(
        crypto.deriveSubkey(key, 0, ascii("contexts"), { byteLength: length }).byteLength,
      ).toBe(length);
    }
    for (const length of [1, 31, 32, 33, 8160]) {
      const derived = crypto.hkdf(key, { byteLength: length });
      expect(derived.byteLength).toBe(length);
      expect(holds(crypto.hkdf(key, { byteLength: 8160 }).slice(0, length), read(derived))).toBe(
        true,
      );
    }
    expect(crypto.hkdf(key, { hash: "sha512", byteLength: 16_320 }).byteLength).toBe(16_320);
  });

  it("leaves no secret but its results, also when it fails", () => {
    const [key, other] = [secret(32), secret(32)];
    const before = secrets.stats.live;
    crypto.isAuthentic(key, crypto.encrypt(key, other));
    crypto.verifyHmac(key, other, sample(64), { hash: "sha512" });
    crypto.sealBox(crypto.agreeKeyPair(key).publicKey, other);
    expect(secrets.stats.live).toBe(before + 1);
    crypto.hkdf(key);
    crypto.signKeyPair();
    expect(secrets.stats.live).toBe(before + 3);
    const broken = openCrypto(secrets, { engine: { ...engine, ...failing(engine) } });
    const all = uses(broken, key);
    const live = secrets.stats.live;
    for (const use of all) expect(thrown(use).message).toBe("engine broke");
    expect(secrets.stats.live).toBe(live);
    expect(key.state).toBe("guarded");
  });
});

/** An engine of which each call fails, after it wrote a part of its output. */
function failing(engine: object): object {
  const methods = Object.entries(engine).filter(([, value]) => typeof value === "function");
  return Object.fromEntries(
    methods.map(([name]) => [
      name,
      (output: Uint8Array) => {
        if (output.length > 0) output[0] = 1;
        throw new Error("engine broke");
      },
    ]),
  );
}

function uses(crypto: SecretCrypto, key: SecretBuffer): readonly (() => unknown)[] {
  const [tag, pair] = [sample(64), { publicKey: sample(32), secretKey: key }];
  const long = secrets.allocate(64);
  return [
    () => crypto.encrypt(key, key),
    () => crypto.decrypt(key, tag),
    () => crypto.isAuthentic(key, tag),
    () => crypto.keyedHash(key, key),
    () => crypto.hmac(key, key),
    () => crypto.verifyHmac(key, key, tag, { hash: "sha512" }),
    () => crypto.hkdf(key, { hash: "sha512" }),
    () => crypto.deriveSubkey(key, 1, sample(8)),
    () => crypto.argon2id(key, sample(16), { passes: 1, memoryBytes: 8192 }),
    () => crypto.signKeyPair(),
    () => crypto.signKeyPair(key),
    () => crypto.sign(long, key),
    () => crypto.verify(pair.publicKey, key, tag),
    () => crypto.agreeKeyPair(),
    () => crypto.agreeKeyPair(key),
    () => crypto.agree(key, pair.publicKey),
    () => crypto.sealBox(pair.publicKey, key),
    () => crypto.unsealBox(pair, tag),
  ];
}

describe("wrong arguments", () => {
  const [engine] = engines as [(typeof engines)[number]];
  const crypto = openCrypto(secrets, { engine });
  const loose = crypto as unknown as Record<string, (...args: unknown[]) => unknown>;

  it("are a TypeError or a RangeError that quotes nothing, and leave no secret behind", () => {
    const [key, text] = [secret(32), "hunter2hunter2"];
    const detached = new Uint8Array(8);
    detached.buffer.transfer();
    const shared = new Uint8Array(new SharedArrayBuffer(32));
    const pair = { publicKey: sample(32), secretKey: key };
    const live = secrets.stats.live;
    const wrong: readonly (readonly [string, ...unknown[]])[] = [
      ["encrypt", sample(32), key],
      ["encrypt", secret(31), key],
      ["encrypt", secret(33), key],
      ["encrypt", key, text],
      ["encrypt", key, detached],
      ["encrypt", key, shared],
      ["encrypt", key, new Uint16Array(4)],
      ["encrypt", key, key, { aditional: EMPTY }],
      ["encrypt", key, key, { additional: text }],
      ["encrypt", key, key, { additional: key }],
      ["encrypt", key, key, EMPTY],
      ["encrypt", key, key, null],
      ["encrypt", Object.create(key), key],
      ["decrypt", key, key],
      ["keyedHash", secret(15), key],
      ["keyedHash", secret(65), key],
      ["keyedHash", key, key, { byteLength: 15 }],
      ["keyedHash", key, key, { byteLength: 32.5 }],
      ["keyedHash", key, key, { byteLength: "32" }],
      ["hmac", key, key, { hash: "sha1" }],
      ["hmac", key, key, key],
      ["hmac", key, key, { hash: "toString" }],
      ["hkdf", key, { byteLength: 8161 }],
      ["hkdf", key, { byteLength: 0 }],
      ["hkdf", key, { salt: text }],
      ["hkdf", key, { info: key }],
      ["deriveSubkey", key, -1, sample(8)],
      ["deriveSubkey", key, 2 ** 53, sample(8)],
      ["deriveSubkey", key, 1n, sample(8)],
      ["deriveSubkey", key, 1, sample(9)],
      ["argon2id", key, sample(15), { passes: 1, memoryBytes: 8192 }],
      ["argon2id", key, sample(16), { passes: 0, memoryBytes: 8192 }],
      ["argon2id", key, sample(16), { passes: 1, memoryBytes: 8193 }],
      ["argon2id", key, sample(16), { passes: 1, memoryBytes: 7168 }],
      ["argon2id", key, sample(16), { passes: 1, memoryBytes: 2 ** 31 }],
      ["argon2id", key, sample(16), {}],
      ["argon2id", key, sample(16)],
      ["argon2id", text, sample(16), { passes: 1, memoryBytes: 8192 }],
      ["signKeyPair", secret(31)],
      ["sign", key, key],
      ["verify", sample(31), key, sample(64)],
      ["verify", sample(32), key, sample(63)],
      ["agreeKeyPair", secret(64)],
      ["agree", key, sample(31)],
      ["agree", key, key],
      ["sealBox", sample(33), key],
      ["unsealBox", pair, text],
      ["unsealBox", { ...pair, secretKey: sample(32) }, sample(60)],
    ];
    const made = secrets.stats.live - live;
    for (const [method, ...args] of wrong) {
      const error = thrown(() => {
        loose[method]?.(...args);
        throw new Error(`${method} accepted ${args.map((arg) => typeof arg)}`);
      });
      expect(
        error instanceof TypeError || error instanceof RangeError,
        `${method}: ${error.message}`,
      ).toBe(true);
      expect(error.message).toMatch(/^Cannot [a-z ]+ (as|into)/);
      expect(error.message).not.toContain(text);
    }
    expect(secrets.stats.live).toBe(live + made);
  });

  it("include what a subclass says of its length, and what a polluted prototype adds", () => {
    class Liar extends Uint8Array {
      override get length(): number {
        return 16;
      }
    }
    const key = secret(32);
    const encrypted = crypto.encrypt(key, new Liar(sample(40)));
    expect(holds(crypto.decrypt(key, encrypted), sample(40))).toBe(true);
    Object.defineProperty(Object.prototype, "additional", { value: sample(4), configurable: true });
    try {
      expect(holds(crypto.decrypt(key, encrypted, {}), sample(40))).toBe(true);
    } finally {
      delete (Object.prototype as { additional?: unknown }).additional;
    }
  });

  it("include secrets that were destroyed", () => {
    const key = secret(32);
    key.destroy();
    const all = uses(crypto, key).filter((_, index) => ![9, 13].includes(index));
    const live = secrets.stats.live;
    for (const use of all) expect(thrown(use).code).toBe("ERR_LETHE_DESTROYED");
    expect(secrets.stats.live).toBe(live);
    secrets.purge();
    assertNoSecrets();
  });
});
