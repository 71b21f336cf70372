import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CryptoEngine } from "../../core/contract/engine.ts";
import { openEngines } from "../../testing/features/crypto/engines.ts";
import { SOAK } from "../../testing/tier.ts";

const ENGINES = await openEngines();
const [sodium] = ENGINES as [CryptoEngine];
/** A quarter on the second Node: engines do not depend on it. */
const share = SOAK ? 50 : 1 / 2;
const runs = (usual: number): { numRuns: number } => ({ numRuns: Math.ceil(usual * share) });

const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });
/** Around the block sizes of every cipher and hash here, and now and then a long one. */
const message: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 20, arbitrary: fc.uint8Array({ maxLength: 300, size: "max" }) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 70_000, size: "max" }) },
);

/** What each engine makes of the same arguments: all of it must be the same. */
function allAgree(compute: (engine: CryptoEngine) => readonly unknown[]): readonly unknown[] {
  const [first, ...others] = ENGINES.map(compute);
  for (const other of others) expect(other).toEqual(first);
  return first as readonly unknown[];
}

// noble signs in milliseconds, several thousand times in the soak.
describe("every two engines give the same bytes", { timeout: 600_000 }, () => {
  it("has three to compare, each with every operation", () => {
    expect(ENGINES.map(({ name }) => name)).toEqual(["sodium", "libsodium", "noble"]);
    for (const { operations } of ENGINES)
      expect([...operations].sort()).toEqual([
        "aead",
        "argon2id",
        "box",
        "chacha20-poly1305",
        "ed25519",
        "hmac-sha256",
        "hmac-sha512",
        "keyed-hash",
        "subkey",
        "x25519",
      ]);
  });

  it("aead", () => {
    fc.assert(
      fc.property(message, message, bytes(24), bytes(32), (text, additional, nonce, key) => {
        const [sealed] = allAgree((engine) => {
          const sealed = new Uint8Array(text.length + 16);
          engine.aeadSeal(sealed, text, additional, nonce, key);
          return [sealed];
        }) as [Uint8Array];
        allAgree((engine) => {
          const opened = new Uint8Array(text.length);
          expect(engine.aeadUnseal(opened, sealed, additional, nonce, key)).toBe(true);
          expect(opened).toEqual(text);
          return [];
        });
      }),
      runs(150),
    );
  });

  it("chacha20-poly1305", () => {
    fc.assert(
      fc.property(message, message, bytes(12), bytes(32), (text, additional, nonce, key) => {
        const [sealed] = allAgree((engine) => {
          const sealed = new Uint8Array(text.length + 16);
          engine.chachaSeal(sealed, text, additional, nonce, key);
          return [sealed];
        }) as [Uint8Array];
        allAgree((engine) => {
          const opened = new Uint8Array(text.length);
          expect(engine.chachaUnseal(opened, sealed, additional, nonce, key)).toBe(true);
          expect(opened).toEqual(text);
          return [];
        });
      }),
      runs(30),
    );
  });

  it("keyed-hash", () => {
    const length = fc.integer({ min: 16, max: 64 });
    const key = fc.oneof(
      fc.constant(new Uint8Array(0)),
      fc.uint8Array({ minLength: 16, maxLength: 64 }),
    );
    fc.assert(
      fc.property(message, key, length, (text, key, length) => {
        allAgree((engine) => {
          const hash = new Uint8Array(length);
          engine.keyedHash(hash, text, key);
          return [hash];
        });
      }),
      runs(150),
    );
  });

  it("hmac-sha256 and hmac-sha512", () => {
    fc.assert(
      fc.property(message, message, (text, key) => {
        allAgree((engine) => {
          const [short, long] = [new Uint8Array(32), new Uint8Array(64)];
          engine.hmacSha256(short, text, key);
          engine.hmacSha512(long, text, key);
          return [short, long];
        });
      }),
      runs(150),
    );
  });

  it("argon2id", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        bytes(16),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 8, max: 64 }),
        fc.integer({ min: 16, max: 100 }),
        (password, salt, passes, kib, length) => {
          allAgree((engine) => {
            const hash = new Uint8Array(length);
            engine.argon2id(hash, password, salt, passes, kib * 1024);
            return [hash];
          });
        },
      ),
      runs(15),
    );
  });

  it("ed25519", () => {
    fc.assert(
      fc.property(message, bytes(32), fc.nat(), (text, seed, bit) => {
        const [publicKey, , signature] = allAgree((engine) => {
          const [publicKey, secretKey] = [new Uint8Array(32), new Uint8Array(64)];
          engine.signKeyPair(publicKey, secretKey, seed);
          const alone = new Uint8Array(32);
          engine.signPublicKey(alone, seed);
          expect(alone).toEqual(publicKey);
          const signature = new Uint8Array(64);
          engine.sign(signature, text, secretKey);
          return [publicKey, secretKey, signature];
        }) as [Uint8Array, Uint8Array, Uint8Array];
        const [valid] = allAgree((engine) => [engine.verify(signature, text, publicKey)]);
        expect(valid).toBe(true);
        signature[(bit >> 3) % 64] = (signature[(bit >> 3) % 64] as number) ^ (1 << (bit & 7));
        expect(allAgree((engine) => [engine.verify(signature, text, publicKey)])).toEqual([false]);
      }),
      runs(40),
    );
  });

  it("x25519", () => {
    fc.assert(
      fc.property(bytes(32), bytes(32), (secretKey, other) => {
        allAgree((engine) => {
          const [publicKey, shared] = [new Uint8Array(32), new Uint8Array(32)];
          engine.agreePublicKey(publicKey, secretKey);
          return [publicKey, engine.agree(shared, secretKey, other), shared];
        });
      }),
      runs(40),
    );
  });

  it("subkey", () => {
    fc.assert(
      fc.property(
        bytes(32),
        bytes(8),
        fc.maxSafeNat(),
        fc.integer({ min: 16, max: 64 }),
        (key, context, number, length) => {
          allAgree((engine) => {
            const subkey = new Uint8Array(length);
            engine.subkey(subkey, number, context, key);
            return [subkey];
          });
        },
      ),
      runs(150),
    );
  });

  it("box", () => {
    fc.assert(
      fc.property(message, bytes(24), bytes(32), bytes(32), (text, nonce, secretKey, other) => {
        const publicKey = new Uint8Array(32);
        sodium.agreePublicKey(publicKey, other);
        const [boxed] = allAgree((engine) => {
          const boxed = new Uint8Array(text.length + 16);
          expect(engine.boxSeal(boxed, text, nonce, publicKey, secretKey)).toBe(true);
          return [boxed];
        }) as [Uint8Array];
        allAgree((engine) => {
          const opened = new Uint8Array(text.length);
          expect(engine.boxUnseal(opened, boxed, nonce, publicKey, secretKey)).toBe(true);
          expect(opened).toEqual(text);
          return [];
        });
      }),
      runs(30),
    );
  });
});
