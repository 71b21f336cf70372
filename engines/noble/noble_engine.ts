/**
 * The noble engine: plain JavaScript, where nothing else runs. Needs the optional dependencies
 * `@noble/ciphers`, `@noble/hashes` and `@noble/curves`.
 *
 * @module
 */

import { chacha20poly1305, xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hsalsa, xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { argon2id } from "@noble/hashes/argon2.js";
import { blake2b } from "@noble/hashes/blake2.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { bare } from "../../core/arguments/own.ts";
import { offHeapBytes, SMALLEST_BUFFER } from "../../core/bytes.ts";
import { type CryptoEngine, OPERATIONS, type Operation } from "../../core/contract/engine.ts";
import { LetheError } from "../../core/contract/errors.ts";
import { verifyStrictly } from "./noble_verify.ts";

/**
 * The noble engine. It runs everywhere, workers included, where WebAssembly is refused.
 *
 * JavaScript cannot wipe what its engine copied, and noble computes curves with BigInt and reads
 * scalars through hexadecimal strings. So this engine leaves copies behind: see its `residue`, which
 * a test measures. Prefer the sodium or the libsodium engine wherever one of them runs.
 *
 * @returns the engine; its Argon2id throws `ERR_LETHE_EXHAUSTED` where the runtime has no room
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { openCrypto } from "lethe/crypto";
 * import { nobleEngine } from "lethe/noble";
 *
 * const crypto = openCrypto(openSecrets(), { engine: nobleEngine() });
 * ```
 */
export function nobleEngine(): CryptoEngine {
  return {
    name: "noble",
    operations: OPERATIONS,
    residue: RESIDUE,
    aeadSeal(sealed, message, additional, nonce, key) {
      sealInto(sealed, (room) => xchacha20poly1305(key, nonce, additional).encrypt(message, room));
    },
    aeadUnseal(message, sealed, additional, nonce, key) {
      return accepts(message, () =>
        xchacha20poly1305(key, nonce, additional).decrypt(sealed, message),
      );
    },
    chachaSeal(sealed, message, additional, nonce, key) {
      sealInto(sealed, (room) => chacha20poly1305(key, nonce, additional).encrypt(message, room));
    },
    chachaUnseal(message, sealed, additional, nonce, key) {
      return accepts(message, () =>
        chacha20poly1305(key, nonce, additional).decrypt(sealed, message),
      );
    },
    keyedHash(hash, message, key) {
      const dkLen = hash.length;
      const state = blake2b.create(bare(key.length === 0 ? { dkLen } : { dkLen, key }));
      digest(state.update(message), hash);
    },
    hmacSha256(tag, message, key) {
      digest(hmac.create(sha256, key).update(message), tag);
    },
    hmacSha512(tag, message, key) {
      digest(hmac.create(sha512, key).update(message), tag);
    },
    argon2id(hash, password, salt, passes, memoryBytes) {
      const cost = { t: passes, m: memoryBytes / 1024, p: 1, dkLen: hash.length };
      try {
        moveInto(hash, argon2id(password, salt, bare({ ...cost, maxmem: memoryBytes })));
      } catch (error) {
        if (!(error instanceof RangeError)) throw error; // no array of that length
        throw new LetheError(
          "ERR_LETHE_EXHAUSTED",
          `Cannot hash password: the runtime gives no ${memoryBytes} bytes of memory; use less memoryBytes`,
        );
      }
    },
    signKeyPair(publicKey, secretKey, seed) {
      const point = ed25519.getPublicKey(seed);
      publicKey.set(point);
      secretKey.set(seed);
      secretKey.set(point, SEED_BYTES);
    },
    signPublicKey(publicKey, seed) {
      publicKey.set(ed25519.getPublicKey(seed));
    },
    sign(signature, message, secretKey) {
      signature.set(ed25519.sign(message, part(secretKey, SEED_BYTES), bare({})));
    },
    verify(signature, message, publicKey) {
      return verifyStrictly(signature, message, publicKey);
    },
    agreePublicKey(publicKey, secretKey) {
      publicKey.set(x25519.getPublicKey(secretKey));
    },
    agree(shared, secretKey, publicKey) {
      return accepts(shared, () => moveInto(shared, x25519.getSharedSecret(secretKey, publicKey)));
    },
    subkey(subkey, number, context, key) {
      const salt = new Uint8Array(16);
      new DataView(salt.buffer).setBigUint64(0, BigInt(number), true);
      const personalization = new Uint8Array(16);
      personalization.set(context);
      digest(blake2b.create(bare({ dkLen: subkey.length, key, salt, personalization })), subkey);
    },
    boxSeal(boxed, message, nonce, publicKey, secretKey) {
      return withBoxKey(boxed, publicKey, secretKey, (key) => {
        const room = offHeapBytes(message.length + 32);
        try {
          boxed.set(xsalsa20poly1305(key, nonce).encrypt(message, room));
        } finally {
          room.fill(0);
        }
      });
    },
    boxUnseal(message, boxed, nonce, publicKey, secretKey) {
      return withBoxKey(message, publicKey, secretKey, (key) => {
        const room = offHeapBytes(boxed.length + 32);
        try {
          message.set(xsalsa20poly1305(key, nonce).decrypt(boxed, room));
        } finally {
          room.fill(0);
        }
      });
    },
  };
}

const SEED_BYTES = 32;

/**
 * noble copies the message to where the ciphertext is to be, and encrypts it there. A small array of the caller may lie
 * in the collected heap, where a copy of it would stay.
 */
function sealInto(sealed: Uint8Array, seal: (room: Uint8Array) => void): void {
  if (sealed.length >= SMALLEST_BUFFER) {
    seal(sealed);
    return;
  }
  const room = offHeapBytes(sealed.length);
  try {
    seal(room);
    sealed.set(room);
  } finally {
    room.fill(0);
  }
}

/** `crypto_box_beforenm`: HSalsa20 of the shared secret. @returns false when noble refuses a value */
function withBoxKey(
  output: Uint8Array,
  publicKey: Uint8Array,
  secretKey: Uint8Array,
  use: (key: Uint8Array) => void,
): boolean {
  const scratch = offHeapBytes(64);
  const shared = part(scratch, 32);
  const key = new Uint8Array(scratch.buffer, 32, 32);
  try {
    return accepts(output, () => {
      moveInto(shared, x25519.getSharedSecret(secretKey, publicKey));
      hsalsa(SIGMA, words(shared), new Uint32Array(4), words(key));
      use(key);
    });
  } finally {
    scratch.fill(0);
  }
}

/** "expand 32-byte k" as little-endian words. */
const SIGMA: Uint32Array = Uint32Array.of(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574);

function words({ buffer, byteOffset, byteLength }: Uint8Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, byteLength / 4);
}

/** noble throws for what is not authentic and for low-order points, and quotes no bytes. */
function accepts(output: Uint8Array, call: () => unknown): boolean {
  try {
    call();
    return true;
  } catch {
    output.fill(0);
    return false;
  }
}

/** Ends a hash, wiping it. noble wants an aligned place, and secrets end at their guard page. */
function digest(
  state: { digestInto(place: Uint8Array): void; destroy(): void },
  hash: Uint8Array,
): void {
  const place = offHeapBytes(64);
  state.digestInto(part(place, hash.length));
  state.destroy();
  hash.set(part(place, hash.length));
  place.fill(0);
}

function moveInto(target: Uint8Array, source: Uint8Array): void {
  target.set(source);
  source.fill(0);
}

function part({ buffer, byteOffset }: Uint8Array, byteLength: number): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/**
 * Behind the calls of testing/features/crypto/uses.ts, on Node 24, Deno 2.9 and Bun 1.4. A test counts, and fails for
 * more, and for an operation that is not here. The collector makes the numbers vary: they are above
 * the most that was seen.
 */
const RESIDUE: Readonly<Partial<Record<Operation, string>>> = {
  aead: "at most 10 copies for 3 calls: of the key, in the garbage-collected heap",
  "chacha20-poly1305":
    "at most 12 copies for 3 calls: of the key and the one-time key of Poly1305, in the garbage-collected heap",
  "keyed-hash": "at most 4 copies for 2 calls: of the key, in the garbage-collected heap",
  "hmac-sha256":
    "at most 8 copies for 6 calls: of the key under the inner pad and of the hash of a long key, in the garbage-collected heap",
  "hmac-sha512":
    "at most 4 copies for 2 calls: of the key under the inner pad and of the hash of a long key, in the garbage-collected heap",
  ed25519:
    "at most 40 copies for 2 calls: of the secret scalar, its prefix, the nonce and the message, some as digits of BigInt or of hexadecimal strings, in the garbage-collected heap and in that of C",
  x25519:
    "at most 20 copies for 2 calls: of the secret key and the shared secret, some as digits of BigInt, in the garbage-collected heap and in that of C",
  subkey: "at most 2 copies for 1 call: of the key, in the garbage-collected heap",
  box: "at most 26 copies for 4 calls: of the secret key, the shared secret and the key of the box, in the garbage-collected heap and in that of C",
};
