import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { loadSodiumNative } from "../../system/sodium_native/load_sodium_native.ts";
import type { SodiumNative } from "../../system/sodium_native/sodium_native.ts";
import { openSodiumEngine } from "./sodium_engine.ts";

const native = loadSodiumNative();
const engine = openSodiumEngine(native);

/** Off the collected heap, as secrets are. */
const bytes = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(new ArrayBuffer(length));
const EMPTY = bytes(0);

function thrown(run: () => unknown): Error & { code?: string } {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("Nothing was thrown");
}

describe("what sodium-native is known for", () => {
  it("empty messages are taken everywhere", () => {
    const [key, nonce] = [bytes(32), bytes(24)];
    const sealed = bytes(16);
    engine.aeadSeal(sealed, EMPTY, EMPTY, nonce, key);
    expect(engine.aeadUnseal(EMPTY, sealed, EMPTY, nonce, key)).toBe(true);
    engine.chachaSeal(sealed, EMPTY, EMPTY, bytes(12), key);
    expect(engine.chachaUnseal(EMPTY, sealed, EMPTY, bytes(12), key)).toBe(true);
    engine.keyedHash(bytes(32), EMPTY, EMPTY);
    engine.keyedHash(bytes(16), EMPTY, key);
    const [publicKey, secretKey, signature] = [bytes(32), bytes(64), bytes(64)];
    engine.signKeyPair(publicKey, secretKey, key);
    engine.sign(signature, EMPTY, secretKey);
    expect(engine.verify(signature, EMPTY, publicKey)).toBe(true);
    engine.argon2id(bytes(16), EMPTY, bytes(16), 1, 8192);
    engine.agreePublicKey(publicKey, key);
    expect(engine.boxSeal(sealed, EMPTY, nonce, publicKey, key)).toBe(true);
    expect(engine.boxUnseal(EMPTY, sealed, nonce, publicKey, key)).toBe(true);
  });

  it("a length that nobody checked is an error that quotes nothing, not a false", () => {
    const key = bytes(31).fill(0x41);
    for (const wrong of [
      () => engine.aeadSeal(bytes(16), EMPTY, EMPTY, bytes(24), key),
      () => engine.aeadUnseal(EMPTY, bytes(16), EMPTY, bytes(24), key),
      () => engine.chachaSeal(bytes(16), EMPTY, EMPTY, bytes(12), key),
      () => engine.chachaUnseal(EMPTY, bytes(16), EMPTY, bytes(12), key),
      () => engine.agree(bytes(32), key, bytes(32)),
      () => engine.boxSeal(bytes(16), EMPTY, bytes(24), bytes(32), key),
      () => engine.boxUnseal(EMPTY, bytes(16), bytes(24), bytes(32), key),
      () => engine.argon2id(bytes(16), key, bytes(15), 1, 8192),
      () => engine.subkey(bytes(32), 0, bytes(8), key),
      () => engine.sign(bytes(64), EMPTY, key),
    ]) {
      const error = thrown(wrong);
      expect(error.code).toBe("ERR_ASSERTION");
      expect(`${error.message}${JSON.stringify(error)}`).not.toMatch(/AAAA|4141|65,\s*65/);
    }
  });

  it("a detached array passes for an empty one: hence the check in the core", () => {
    const message = bytes(8).fill(1);
    const [empty, detached] = [bytes(32), bytes(32)];
    engine.keyedHash(empty, EMPTY, EMPTY);
    message.buffer.transfer();
    engine.keyedHash(detached, message, EMPTY);
    expect(detached).toEqual(empty);
  });
});

describe("Argon2id", () => {
  it("without the memory for it is ERR_LETHE_EXHAUSTED", () => {
    const refusing: SodiumNative = {
      ...native,
      crypto_pwhash() {
        throw new Error("status: -1");
      },
    };
    const error = thrown(() =>
      openSodiumEngine(refusing).argon2id(bytes(32), bytes(8), bytes(16), 1, 2 ** 30),
    );
    expect(error.code).toBe("ERR_LETHE_EXHAUSTED");
    expect(error.message).toContain("1073741824 bytes");
    // More than any address space has, from libsodium itself.
    expect(
      thrown(() => engine.argon2id(bytes(32), bytes(8), bytes(16), 1, 2 ** 42 - 1024)).code,
    ).toBe("ERR_LETHE_EXHAUSTED");
  });
});

describe("HMAC", () => {
  it("of a key on each side of the block, one engine's calls one after the other", () => {
    for (const [hash, hmac, length] of [
      ["sha256", engine.hmacSha256, 32],
      ["sha512", engine.hmacSha512, 64],
    ] as const) {
      for (const size of [200, 0, 129, 128, 127, 65, 64, 63, 1]) {
        const [key, message, tag] = [bytes(size).fill(7), bytes(size).fill(9), bytes(length)];
        hmac(tag, message, key);
        expect(Buffer.from(tag)).toEqual(createHmac(hash, key).update(message).digest());
      }
    }
  });

  it("its scratch is zero after a call, also one that failed half way", () => {
    const made: ArrayBuffer[] = [];
    let failing = false;
    const watched: SodiumNative = {
      ...native,
      crypto_hash_sha256_final(state, hash) {
        if (!made.includes(state.buffer as ArrayBuffer)) made.push(state.buffer as ArrayBuffer);
        native.crypto_hash_sha256_final(state, hash);
        if (failing) throw new Error("status: -1");
      },
    };
    const { hmacSha256 } = openSodiumEngine(watched);
    hmacSha256(bytes(32), bytes(9), bytes(32).fill(7));
    const [scratch] = made as [ArrayBuffer];
    expect(new Uint8Array(scratch).every((byte) => byte === 0)).toBe(true);
    failing = true;
    expect(() => hmacSha256(bytes(32), bytes(9), bytes(32).fill(7))).toThrow("status");
    expect(new Uint8Array(scratch).every((byte) => byte === 0)).toBe(true);
  });
});
