import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { loadSodiumNative } from "../../system/sodium_native/load_sodium_native.ts";
import type { SodiumNative } from "../../system/sodium_native/sodium_native.ts";
import { openSodiumEngine, SODIUM_ENGINE_PROVIDER } from "./sodium_engine.ts";

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

it("is provided under its name", () => {
  const { name, open } = SODIUM_ENGINE_PROVIDER;
  expect([name, open().name, open().residue]).toEqual(["sodium", "sodium", {}]);
});

describe("what must not stay", () => {
  /** The engine over sodium-native with some of its calls replaced. */
  const over = (calls: Partial<SodiumNative>) => openSodiumEngine({ ...native, ...calls });
  const fails = (output: Uint8Array): never => {
    output.fill(0x41);
    throw new Error("status: -1");
  };
  const zero = (array: Uint8Array): boolean => array.every((byte) => byte === 0);

  it("of a seed is zero behind its public key, also when that fails", () => {
    const written: Uint8Array[] = [];
    const { signPublicKey } = over({
      crypto_sign_seed_keypair(publicKey, secretKey, seed) {
        written.push(secretKey);
        native.crypto_sign_seed_keypair(publicKey, secretKey, seed);
        if (written.length === 2) throw new Error("status: -1");
      },
    });
    const publicKey = bytes(32);
    signPublicKey(publicKey, bytes(32).fill(7));
    expect([zero(publicKey), written.every(zero), written[0]?.length]).toEqual([false, true, 64]);
    expect(() => signPublicKey(publicKey, bytes(32).fill(7))).toThrow("status");
    expect(written.every(zero)).toBe(true);
  });

  it("of what is not authentic is wiped, whatever was begun", () => {
    const sealed = bytes(40).fill(1);
    const failing = over({
      crypto_aead_xchacha20poly1305_ietf_decrypt: fails as never,
      crypto_aead_chacha20poly1305_ietf_decrypt: fails as never,
      crypto_scalarmult: fails as never,
      crypto_box_easy: fails as never,
      crypto_box_open_easy: ((output: Uint8Array) => {
        output.fill(0x41);
        return false;
      }) as never,
    });
    const [output, key] = [bytes(24), bytes(32).fill(7)];
    for (const call of [
      () => failing.aeadUnseal(output, sealed, EMPTY, bytes(24), key),
      () => failing.chachaUnseal(output, sealed, EMPTY, bytes(12), key),
      () => failing.agree(output, key, key),
      () => failing.boxSeal(output, sealed, bytes(24), key, key),
      () => failing.boxUnseal(output, sealed, bytes(24), key, key),
    ]) {
      expect([call(), zero(output)]).toEqual([false, true]);
    }
    const asserting = over({
      crypto_scalarmult(shared) {
        shared.fill(0x41);
        throw Object.assign(new Error("length"), { code: "ERR_ASSERTION" });
      },
    });
    expect(thrown(() => asserting.agree(output, key, key)).message).toBe("length");
    expect(zero(output)).toBe(true);
  });

  it("in the stack is written over by the same call with nothing secret", () => {
    const calls: unknown[] = [];
    const note =
      (name: string) =>
      (output: Uint8Array, ...inputs: readonly unknown[]): void => {
        const secret = inputs.some((input) => input instanceof Uint8Array && !zero(input));
        const numbers = inputs.filter((input) => !(input instanceof Uint8Array));
        const lengths = inputs.filter((input) => input instanceof Uint8Array);
        calls.push([name, secret, output.length, ...numbers, ...lengths.map((one) => one.length)]);
        output.fill(0x41);
      };
    const noting = over({
      crypto_generichash: note("hash") as never,
      crypto_pwhash: note("argon2id") as never,
      crypto_kdf_derive_from_key: note("subkey") as never,
    });
    const [key, output] = [bytes(32).fill(7), bytes(48)];
    noting.keyedHash(output, bytes(3).fill(1), key);
    noting.argon2id(output, key, bytes(16).fill(1), 3, 16_384);
    noting.subkey(output, 5, bytes(8).fill(1), key);
    const algorithm = native.crypto_pwhash_ALG_ARGON2ID13;
    expect(calls).toEqual([
      ["hash", true, 48, 3, 32],
      ["hash", false, 64, 32],
      ["argon2id", true, 48, 3, 16_384, algorithm, 32, 16],
      ["argon2id", false, 48, 1, 8192, algorithm, 32, 16],
      ["subkey", true, 48, 5, 8, 32],
      ["subkey", false, 64, 0, 8, 32],
    ]);
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
