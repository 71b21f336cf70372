import * as nodeCrypto from "node:crypto";
import { createRequire } from "node:module";
import { argon2id } from "@noble/hashes/argon2.js";
import { afterEach, describe, expect, it } from "vitest";
import type { CryptoEngine } from "../../core/contract/engine.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { openSecrets } from "../../memories/heap/mod.ts";
import { openEngines } from "../../testing/features/crypto/engines.ts";
import * as vectors from "../../testing/features/crypto/vectors.ts";
import { openCrypto } from "./open_crypto.ts";

const ENGINES = await openEngines();
const secrets = openSecrets();
afterEach(() => secrets.purge());

const from = (hex: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(hex, "hex"));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const secret = (value: string): SecretBuffer => secrets.move(from(value));
const text = (value: SecretBuffer): string => value.expose(hex);

describe.each(ENGINES.map((engine) => [engine.name, engine] as const))("%s", (_name, engine) => {
  const crypto = openCrypto(secrets, { engine });

  it.each(vectors.HMAC)("HMAC: RFC 4231, key $key", ({ key, message, sha256, sha512 }) => {
    expect(text(crypto.hmac(secret(key), from(message)))).toBe(sha256);
    expect(text(crypto.hmac(secret(key), from(message), { hash: "sha512" }))).toBe(sha512);
  });

  it.each(vectors.HKDF)("HKDF: RFC 5869 appendix A, info $info", (vector) => {
    const { salt, info, key } = vector;
    const options = {
      ...(salt === "" ? {} : { salt: from(salt) }),
      info: from(info),
      byteLength: key.length / 2,
    };
    expect(text(crypto.hkdf(secret(vector.secret), options))).toBe(key);
    const empty = { ...options, salt: from(salt) };
    expect(text(crypto.hkdf(secret(vector.secret), empty))).toBe(key);
  });

  it.each([1, 32, 63, 64, 65, 16_320])("HKDF-SHA-512 of %i bytes is node:crypto's", (length) => {
    const [input, salt, info] = ["00112233", "aabb", "0102"].map(from) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const expected = nodeCrypto.hkdfSync("sha512", input, salt, info, length);
    const key = crypto.hkdf(secret("00112233"), { hash: "sha512", salt, info, byteLength: length });
    expect(text(key)).toBe(hex(new Uint8Array(expected)));
    const again = { salt: secrets.move(salt.slice()), info, byteLength: length };
    expect(text(crypto.hkdf(secret("00112233"), { hash: "sha512", ...again }))).toBe(text(key));
  });

  it("BLAKE2b: RFC 7693, appendices A and E", () => {
    const hash = new Uint8Array(64);
    engine.keyedHash(hash, new TextEncoder().encode("abc"), new Uint8Array(0));
    expect(hex(hash)).toBe(vectors.BLAKE2B_ABC);
    expect(hex(selfTest(engine))).toBe(vectors.BLAKE2B_SELF_TEST);
  });

  it("X25519: RFC 7748, sections 5.2 and 6.1", () => {
    for (const { secretKey, publicKey, shared } of vectors.X25519) {
      expect(text(crypto.agree(secret(secretKey), from(publicKey)))).toBe(shared);
    }
    const { aliceSecret, alicePublic, bobSecret, bobPublic, shared } = vectors.PARTIES as Record<
      string,
      string
    >;
    const alice = crypto.agreeKeyPair(secret(aliceSecret as string));
    const bob = crypto.agreeKeyPair(secret(bobSecret as string));
    expect([hex(alice.publicKey), hex(bob.publicKey)]).toEqual([alicePublic, bobPublic]);
    expect(text(crypto.agree(alice.secretKey, bob.publicKey))).toBe(shared);
    expect(text(crypto.agree(bob.secretKey, alice.publicKey))).toBe(shared);
  });

  it("X25519: RFC 7748, section 5.2, iterated", () => {
    let [key, point] = [new Uint8Array(32), new Uint8Array(32)];
    key[0] = point[0] = 9;
    // A thousand take noble a second.
    for (let count = 1; count <= (engine.name === "noble" ? 1 : 1000); count++) {
      const result = new Uint8Array(32);
      engine.agree(result, key, point);
      [key, point] = [result, key];
      if (count === 1) expect(hex(key)).toBe(vectors.X25519_ITERATED.once);
    }
    if (engine.name !== "noble") expect(hex(key)).toBe(vectors.X25519_ITERATED.thousand);
  });

  it.each(vectors.ED25519)("Ed25519: RFC 8032, section 7.1, public key $publicKey", (vector) => {
    const { seed, publicKey, message, signature } = vector;
    const pair = crypto.signKeyPair(secret(seed));
    expect(hex(pair.publicKey)).toBe(publicKey);
    expect(text(pair.secretKey)).toBe(seed + publicKey);
    expect(hex(crypto.sign(pair.secretKey, from(message)))).toBe(signature);
    expect(crypto.verify(pair.publicKey, from(message), from(signature))).toBe(true);
  });

  it("XChaCha20-Poly1305: draft-irtf-cfrg-xchacha-03, appendix A.3.1", () => {
    const { key, nonce, additional, message, sealed } = vectors.XCHACHA as Record<string, string>;
    const output = new Uint8Array((sealed as string).length / 2);
    const given = [additional, nonce, key].map((value) => from(value as string)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    engine.aeadSeal(output, from(message as string), ...given);
    expect(hex(output)).toBe(sealed);
    const encrypted = from(`${nonce}${sealed}`);
    const options = { additional: from(additional as string) };
    expect(text(crypto.decrypt(secret(key as string), encrypted, options))).toBe(message);
  });

  it("ChaCha20-Poly1305: RFC 8439, section 2.8.2", () => {
    const { key, nonce, additional, message, sealed } = vectors.CHACHA as Record<string, string>;
    const [output, opened] = [sealed, message].map(
      (text) => new Uint8Array((text as string).length / 2),
    ) as [Uint8Array, Uint8Array];
    const given = [additional, nonce, key].map((value) => from(value as string)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    engine.chachaSeal(output, from(message as string), ...given);
    expect(hex(output)).toBe(sealed);
    expect(engine.chachaUnseal(opened, output, ...given)).toBe(true);
    expect(hex(opened)).toBe(message);
  });

  it("Argon2id: the same as node:crypto's, which has the vector of RFC 9106, section 5.3", () => {
    const { argon2Sync } = nodeCrypto as { argon2Sync?: Argon2 };
    if (argon2Sync === undefined) return expect(process.version).toMatch(/^v22/);
    const [message, nonce, pepper, data] = [32, 16, 8, 12].map((length, index) =>
      new Uint8Array(length).fill(index + 1),
    ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const cost = { parallelism: 4, tagLength: 32, memory: 32, passes: 3 };
    const full = { message, nonce, ...cost, secret: pepper, associatedData: data };
    expect(argon2Sync("argon2id", full).toString("hex")).toBe(vectors.ARGON2ID.tag);
    const options = { t: 3, m: 32, p: 4, dkLen: 32, key: pepper, personalization: data };
    expect(hex(argon2id(message, nonce, options))).toBe(vectors.ARGON2ID.tag);
    for (const [passes, memory, tagLength] of [
      [1, 8, 16],
      [3, 64, 32],
      [2, 1024, 100],
    ] as const) {
      const expected = argon2Sync("argon2id", {
        message,
        nonce,
        parallelism: 1,
        tagLength,
        memory,
        passes,
      });
      const hash = crypto.argon2id(secrets.move(message.slice()), nonce, {
        passes,
        memoryBytes: memory * 1024,
        byteLength: tagLength,
      });
      expect(text(hash)).toBe(expected.toString("hex"));
    }
  });

  it("box: NaCl's tests/box.c", () => {
    const { aliceSecret, bobPublic, boxNonce, boxMessage, boxed } = vectors.PARTIES as Record<
      string,
      string
    >;
    const output = new Uint8Array((boxed as string).length / 2);
    const [message, nonce, publicKey, secretKey] = [
      boxMessage,
      boxNonce,
      bobPublic,
      aliceSecret,
    ].map((value) => from(value as string)) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    expect(engine.boxSeal(output, message, nonce, publicKey, secretKey)).toBe(true);
    expect(hex(output)).toBe(boxed);
  });

  it("sealed box: libsodium's own crypto_box_seal opens ours, and ours its", () => {
    const sodium = createRequire(import.meta.url)("sodium-native");
    const pair = crypto.agreeKeyPair();
    for (const length of [1, 64, 1000]) {
      const message = Buffer.alloc(length, 7);
      const ours = crypto.sealBox(pair.publicKey, message);
      const opened = Buffer.alloc(length);
      const accepted = pair.secretKey.expose((secretKey) =>
        sodium.crypto_box_seal_open(opened, Buffer.from(ours), pair.publicKey, secretKey),
      );
      expect([accepted, opened.equals(message)]).toEqual([true, true]);
      const its = Buffer.alloc(length + 48);
      sodium.crypto_box_seal(its, message, pair.publicKey);
      expect(text(crypto.unsealBox(pair, its))).toBe(message.toString("hex"));
    }
  });

  it("subkey: libsodium's own crypto_kdf_derive_from_key", () => {
    const sodium = createRequire(import.meta.url)("sodium-native");
    const key = secrets.random(32);
    const context = new TextEncoder().encode("context1");
    for (const [number, length] of [
      [0, 16],
      [1, 32],
      [2 ** 32, 64],
      [2 ** 53 - 1, 33],
    ] as const) {
      const expected = Buffer.alloc(length);
      key.expose((bytes) => sodium.crypto_kdf_derive_from_key(expected, number, context, bytes));
      expect(text(crypto.deriveSubkey(key, number, context, { byteLength: length }))).toBe(
        expected.toString("hex"),
      );
    }
  });
});

type Argon2 = (name: string, options: object) => Buffer;

/** RFC 7693, appendix E: unkeyed and keyed hashes of many lengths, and the hash of them all. */
function selfTest(engine: CryptoEngine): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const length of [20, 32, 48, 64]) {
    for (const size of [0, 3, 128, 129, 255, 1024]) {
      for (const key of [new Uint8Array(0), sequence(length)]) {
        const hash = new Uint8Array(length);
        engine.keyedHash(hash, sequence(size), key);
        parts.push(hash);
      }
    }
  }
  const result = new Uint8Array(32);
  engine.keyedHash(result, Buffer.concat(parts), new Uint8Array(0));
  return result;
}

/** `selftest_seq` of the same appendix. */
function sequence(length: number): Uint8Array {
  let [a, b] = [Math.imul(0xdead4bad, length) >>> 0, 1];
  return Uint8Array.from({ length }, () => {
    const next = (a + b) >>> 0;
    [a, b] = [b, next];
    return next >>> 24;
  });
}
