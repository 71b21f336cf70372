import { afterEach, describe, expect, it } from "vitest";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { LetheError } from "../../core/mod.ts";
import { openSodiumEngine } from "../../engines/sodium/mod.ts";
import { openSecrets } from "../../memories/heap/mod.ts";
import { sample, thrown } from "../../testing/core/samples.ts";
import { openCrypto } from "./open_crypto.ts";

const engine = openSodiumEngine();
const secrets = openSecrets();
const crypto = openCrypto(secrets, { engine });
const loose = crypto as unknown as Record<string, (...args: unknown[]) => unknown>;
afterEach(() => secrets.purge());

type Call = readonly [method: string, ...args: unknown[]];
type Refusal = readonly [call: Call, message: string];

/** What is thrown says what cannot be done, by which argument, and what is wanted of it. */
function expectRefused(refusals: readonly Refusal[]): void {
  for (const [[method, ...args], message] of refusals) {
    const error = thrown(() => loose[method]?.(...args));
    expect([method, error.message.slice(0, message.length)]).toEqual([method, message]);
    expect(error instanceof TypeError || error instanceof RangeError).toBe(true);
  }
}

const secret = (byteLength: number): SecretBuffer => secrets.move(sample(byteLength));
const COST = { passes: 1, memoryBytes: 8192 };
const BYTES = sample(32);

describe("an argument that is wrong is named, with what it must be", () => {
  it("by encrypt, decrypt and isAuthentic", () => {
    const [key, short] = [secret(32), secret(31)];
    const encrypted = crypto.encrypt(key, BYTES);
    const additional = { additional: key };
    expectRefused([
      [["encrypt", BYTES, BYTES], "Cannot encrypt as key must be a SecretBuffer: current value is"],
      [["encrypt", short, BYTES], "Cannot encrypt as key must have 32 bytes"],
      [["encrypt", key, 5], "Cannot encrypt as message must be a Uint8Array: current value is a n"],
      [["encrypt", key, BYTES, additional], "Cannot encrypt as additional must be public: it is a"],
      [["encrypt", key, BYTES, { additional: 5 }], "Cannot encrypt as additional must be a Uint8"],
      [["decrypt", BYTES, encrypted], "Cannot decrypt as key must be a SecretBuffer"],
      [["decrypt", short, encrypted], "Cannot decrypt as key must have 32 bytes"],
      [["decrypt", key, 5], "Cannot decrypt as encrypted must be a Uint8Array"],
      [["decrypt", key, encrypted, additional], "Cannot decrypt as additional must be public"],
      [["isAuthentic", BYTES, encrypted], "Cannot authenticate as key must be a SecretBuffer"],
      [["isAuthentic", short, encrypted], "Cannot authenticate as key must have 32 bytes"],
      [["isAuthentic", key, 5], "Cannot authenticate as encrypted must be a Uint8Array"],
      [["isAuthentic", key, encrypted, 5], "Cannot authenticate as options must be a plain"],
    ]);
    expect(thrown(() => loose["encrypt"]?.(BYTES, BYTES)).message).toMatch(
      /; take it in with secrets\.move\(\)$/,
    );
  });

  it("by keyedHash, hmac and verifyHmac", () => {
    const key = secret(32);
    expectRefused([
      [["keyedHash", BYTES, BYTES], "Cannot hash as key must be a SecretBuffer"],
      [["keyedHash", secret(15), BYTES], "Cannot hash as key must have 16 to 64 bytes"],
      [["keyedHash", secret(65), BYTES], "Cannot hash as key must have 16 to 64 bytes"],
      [["keyedHash", key, 5], "Cannot hash as message must be a Uint8Array"],
      [
        ["keyedHash", key, BYTES, { byteLength: 15 }],
        "Cannot hash as byteLength must be an integer",
      ],
      [
        ["keyedHash", key, BYTES, { byteLength: 65 }],
        "Cannot hash as byteLength must be an integer",
      ],
      [["keyedHash", key, BYTES, 32], "Cannot hash as options must be a plain object"],
      [["hmac", BYTES, BYTES], "Cannot authenticate as key must be a SecretBuffer"],
      [["hmac", key, 5], "Cannot authenticate as message must be a Uint8Array"],
      [["hmac", key, BYTES, 5], "Cannot authenticate as options must be a plain object"],
      [
        ["hmac", key, BYTES, { hash: "toString" }],
        'Cannot authenticate as hash must be "sha256" or',
      ],
      [["verifyHmac", BYTES, BYTES, BYTES], "Cannot authenticate as key must be a SecretBuffer"],
      [["verifyHmac", key, BYTES, key], "Cannot authenticate as tag must be a Uint8Array"],
    ]);
  });

  it("by hkdf and deriveSubkey", () => {
    const key = secret(32);
    const context = sample(8);
    expectRefused([
      [["hkdf", BYTES], "Cannot derive key as secret must be a SecretBuffer"],
      [["hkdf", key, 5], "Cannot derive key as options must be a plain object"],
      [["hkdf", key, { hash: "md5" }], 'Cannot derive key as hash must be "sha256" or "sha512"'],
      [["hkdf", key, { salt: 5 }], "Cannot derive key as salt must be a Uint8Array"],
      [["hkdf", key, { info: key }], "Cannot derive key as info must be a Uint8Array"],
      [
        ["hkdf", key, { byteLength: 0 }],
        "Cannot derive key as byteLength must be an integer from 1 to 8160",
      ],
      [["hkdf", key, { byteLength: 8161 }], "Cannot derive key as byteLength must be an integer"],
      [
        ["hkdf", key, { hash: "sha512", byteLength: 16_321 }],
        "Cannot derive key as byteLength must be an integer from 1 to 16320",
      ],
      [["deriveSubkey", BYTES, 1, context], "Cannot derive subkey as key must be a SecretBuffer"],
      [["deriveSubkey", secret(33), 1, context], "Cannot derive subkey as key must have 32 bytes"],
      [
        ["deriveSubkey", key, -1, context],
        "Cannot derive subkey as number must be an integer from 0",
      ],
      [["deriveSubkey", key, 1, sample(7)], "Cannot derive subkey as context must have 8 bytes"],
      [
        ["deriveSubkey", key, 1, context, { byteLength: 15 }],
        "Cannot derive subkey as byteLength must be an integer from 16 to 64",
      ],
    ]);
  });

  it("by argon2id, hashPassword and verifyPassword", () => {
    const [password, salt] = [secret(8), sample(16)];
    const hash = crypto.hashPassword(password, COST);
    const sized = (byteLength: number) => ({ ...COST, byteLength });
    expectRefused([
      [["argon2id", BYTES, salt, COST], "Cannot hash password as password must be a SecretBuffer"],
      [["argon2id", password, sample(15), COST], "Cannot hash password as salt must have 16 bytes"],
      [["argon2id", password, salt], "Cannot hash password as passes must be a number"],
      [["argon2id", password, salt, { passes: 1 }], "Cannot hash password as memoryBytes must be"],
      [["argon2id", password, salt, sized(15)], "Cannot hash password as byteLength must be an"],
      [["argon2id", password, salt, sized(1025)], "Cannot hash password as byteLength must be an"],
      [["argon2id", password, salt, sized(Number.NaN)], "Cannot hash password as byteLength must"],
      [["hashPassword", BYTES, COST], "Cannot hash password as password must be a SecretBuffer"],
      [["hashPassword", password, 5], "Cannot hash password as cost must be a plain object"],
      [
        ["verifyPassword", BYTES, hash],
        "Cannot verify password as password must be a SecretBuffer",
      ],
      [
        ["verifyPassword", password, 5],
        "Cannot verify password as hash must be a string or a Uint8",
      ],
      [["verifyPassword", password, hash, 5], "Cannot verify password as options must be a plain"],
      [
        ["verifyPassword", password, hash, { mostCost: 5 }],
        "Cannot verify password as mostCost must be a plain object",
      ],
    ]);
    const detached = new Uint8Array(8);
    detached.buffer.transfer();
    expectRefused([
      [["verifyPassword", password, detached], "Cannot verify password as hash must"],
      [
        ["hashPassword", password, { passes: 1, memoryBytes: 2 ** 31 }],
        "Cannot hash password as memoryBytes must be an integer from 8192 to 2147482624",
      ],
    ]);
    expect(crypto.hkdf(secret(1)).byteLength).toBe(32);
    for (const byteLength of [16, 1024]) {
      expect(crypto.argon2id(password, salt, sized(byteLength)).byteLength).toBe(byteLength);
    }
    expect(crypto.argon2id(secret(1), salt, COST).byteLength).toBe(32);
  });

  it("by the key pairs, signatures and agreements", () => {
    const [key, pair] = [secret(32), crypto.signKeyPair()];
    expectRefused([
      [["signKeyPair", BYTES], "Cannot make key pair as seed must be a SecretBuffer"],
      [["signKeyPair", secret(31)], "Cannot make key pair as seed must have 32 bytes"],
      [["sign", BYTES, BYTES], "Cannot sign as secretKey must be a SecretBuffer"],
      [["sign", key, BYTES], "Cannot sign as secretKey must have 64 bytes"],
      [["sign", pair.secretKey, 5], "Cannot sign as message must be a Uint8Array"],
      [["verify", sample(31), BYTES, sample(64)], "Cannot verify as publicKey must have 32 bytes"],
      [["verify", BYTES, 5, sample(64)], "Cannot verify as message must be a Uint8Array"],
      [["verify", BYTES, BYTES, sample(63)], "Cannot verify as signature must have 64 bytes"],
      [["agreeKeyPair", BYTES], "Cannot make key pair as secretKey must be a SecretBuffer"],
      [["agreeKeyPair", secret(33)], "Cannot make key pair as secretKey must have 32 bytes"],
      [["agree", BYTES, BYTES], "Cannot agree as secretKey must be a SecretBuffer"],
      [["agree", secret(64), BYTES], "Cannot agree as secretKey must have 32 bytes"],
      [["agree", key, sample(33)], "Cannot agree as publicKey must have 32 bytes"],
      [["sealBox", sample(31), BYTES], "Cannot seal box as publicKey must have 32 bytes"],
      [["sealBox", BYTES, 5], "Cannot seal box as message must be a Uint8Array"],
      [["unsealBox", null, BYTES], "Cannot open box as keyPair must be"],
      [
        ["unsealBox", { publicKey: BYTES, secretKey: BYTES }, BYTES],
        "Cannot open box as secretKey must be a S",
      ],
      [
        ["unsealBox", { publicKey: 5, secretKey: key }, BYTES],
        "Cannot open box as publicKey must be a Uint",
      ],
      [
        ["unsealBox", { publicKey: BYTES, secretKey: key }, 5],
        "Cannot open box as box must be a Uint8Array",
      ],
    ]);
  });

  it("by openCrypto", () => {
    for (const [value, kind] of [
      [null, "null"],
      [undefined, "undefined"],
      [{}, "an object"],
    ] as const) {
      expect(() => openCrypto(value as never)).toThrow(
        `Cannot open crypto as secrets must come from openSecrets(): current value is ${kind}`,
      );
    }
  });
});

it("a key of nothing but zeros is refused by each method, which says whose it is", () => {
  const zeros = (byteLength: number): SecretBuffer => secrets.allocate(byteLength);
  const publicKey = new Uint8Array(32);
  engine.agreePublicKey(publicKey, new Uint8Array(32));
  const pair = { publicKey, secretKey: zeros(32) };
  const box = crypto.sealBox(publicKey, BYTES);
  const encrypted = crypto.encrypt(secret(32), BYTES);
  for (const [[method, ...args], what] of [
    [["encrypt", zeros(32), BYTES], "encrypt: key"],
    [["decrypt", zeros(32), encrypted], "decrypt: key"],
    [["isAuthentic", zeros(32), encrypted], "authenticate: key"],
    [["keyedHash", zeros(32), BYTES], "hash: key"],
    [["hmac", zeros(32), BYTES], "authenticate: key"],
    [["deriveSubkey", zeros(32), 1, sample(8)], "derive subkey: key"],
    [["signKeyPair", zeros(32)], "make key pair: seed"],
    [["agreeKeyPair", zeros(32)], "make key pair: secretKey"],
    [["agree", zeros(32), BYTES], "agree: secretKey"],
    [["unsealBox", pair, box], "open box: secretKey"],
  ] as const) {
    const error = thrown(() => loose[method]?.(...args));
    expect(error).toBeInstanceOf(LetheError);
    expect(error.message).toBe(`Cannot ${what} holds nothing but zeros; make or restore the key`);
  }
  const low = thrown(() => crypto.agree(secret(32), new Uint8Array(32)));
  expect([low.code, low.message]).toEqual([
    "ERR_LETHE_FORGED",
    expect.stringMatching(/^Cannot agree: publicKey is a low-order point/),
  ]);
  const torn = secrets.move(sample(64));
  expect(() => crypto.sign(torn, BYTES)).toThrow(/^Cannot sign: the public half of secretKey/);
});

it("what an engine lacks is named by each method, with the engines that have it", () => {
  const lacking = openCrypto(secrets, {
    engine: { ...engine, name: "lacking", operations: new Set<never>() },
  }) as unknown as typeof loose;
  const [key, pair] = [secret(32), crypto.signKeyPair()];
  for (const [[method, ...args], verb, operation] of [
    [["encrypt", key, BYTES], "encrypt", "aead"],
    [["decrypt", key, BYTES], "decrypt", "aead"],
    [["isAuthentic", key, BYTES], "authenticate", "aead"],
    [["keyedHash", key, BYTES], "hash", "keyed-hash"],
    [["hmac", key, BYTES], "authenticate", "hmac-sha256"],
    [["verifyHmac", key, BYTES, BYTES, { hash: "sha512" }], "authenticate", "hmac-sha512"],
    [["hkdf", key], "derive key", "hmac-sha256"],
    [["deriveSubkey", key, 1, sample(8)], "derive subkey", "subkey"],
    [["argon2id", key, sample(16), COST], "hash password", "argon2id"],
    [["hashPassword", key, COST], "hash password", "argon2id"],
    [["verifyPassword", key, "x"], "verify password", "argon2id"],
    [["signKeyPair"], "make key pair", "ed25519"],
    [["sign", pair.secretKey, BYTES], "sign", "ed25519"],
    [["verify", BYTES, BYTES, sample(64)], "verify", "ed25519"],
    [["agreeKeyPair"], "make key pair", "x25519"],
    [["agree", key, BYTES], "agree", "x25519"],
    [["sealBox", BYTES, BYTES], "seal box", "box"],
    [["unsealBox", pair, BYTES], "open box", "box"],
  ] as const) {
    const error = thrown(() => lacking[method]?.(...args));
    expect([error.code, error.message]).toEqual([
      "ERR_LETHE_UNSUPPORTED",
      `Cannot ${verb}: engine lacking has no ${operation}; sodium, libsodium, noble have it (openCrypto takes an engine)`,
    ]);
  }
});
