import { errorCode } from "../../core/arguments/own.ts";
import {
  type CryptoEngine,
  type EngineProvider,
  LetheError,
  OPERATIONS,
  offHeapBytes,
} from "../../core/mod.ts";
import { loadSodiumNative } from "../../system/sodium_native/load_sodium_native.ts";
import type { SodiumNative } from "../../system/sodium_native/sodium_native.ts";
import { sodiumHmacSha256, sodiumHmacSha512 } from "./sodium_hmac.ts";

/**
 * libsodium through sodium-native: straight on the bytes it is lent, guarded pages too, with no copy.
 *
 * What was measured of sodium-native 5.1 on Node, Deno and Bun, and is held by a test: no argument is
 * copied; empty messages are taken, an empty key is not (leave it out); a wrong length is an
 * `AssertionError` that names the parameter, not its bytes, before anything native runs; what fails
 * inside libsodium is an `Error`, or `false` from the two calls that answer with a boolean; nothing
 * aborts. A detached array passes for an empty one, and Deno takes no shared one everywhere: the core
 * refuses both.
 */
export function openSodiumEngine(sodium: SodiumNative = loadSodiumNative()): CryptoEngine {
  return {
    name: "sodium",
    operations: OPERATIONS,
    residue: {},
    aeadSeal(sealed, message, additional, nonce, key) {
      sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
        sealed,
        message,
        additional,
        null,
        nonce,
        key,
      );
    },
    aeadUnseal(message, sealed, additional, nonce, key) {
      return succeeds(message, () =>
        sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
          message,
          null,
          sealed,
          additional,
          nonce,
          key,
        ),
      );
    },
    chachaSeal(sealed, message, additional, nonce, key) {
      sodium.crypto_aead_chacha20poly1305_ietf_encrypt(
        sealed,
        message,
        additional,
        null,
        nonce,
        key,
      );
    },
    chachaUnseal(message, sealed, additional, nonce, key) {
      return succeeds(message, () =>
        sodium.crypto_aead_chacha20poly1305_ietf_decrypt(
          message,
          null,
          sealed,
          additional,
          nonce,
          key,
        ),
      );
    },
    keyedHash(hash, message, key) {
      if (key.length === 0) sodium.crypto_generichash(hash, message);
      else sodium.crypto_generichash(hash, message, key);
      sodium.crypto_generichash(WASTE, NOTHING);
    },
    hmacSha256: sodiumHmacSha256(sodium),
    hmacSha512: sodiumHmacSha512(sodium),
    argon2id(hash, password, salt, passes, memoryBytes) {
      const algorithm = sodium.crypto_pwhash_ALG_ARGON2ID13;
      try {
        sodium.crypto_pwhash(hash, password, salt, passes, memoryBytes, algorithm);
      } catch (error) {
        throw isAssertion(error) ? error : noMemory(memoryBytes);
      }
      const waste = new Uint8Array(hash.length);
      sodium.crypto_pwhash(waste, NOTHING, NOTHING.subarray(0, 16), 1, 8192, algorithm);
    },
    signKeyPair(publicKey, secretKey, seed) {
      sodium.crypto_sign_seed_keypair(publicKey, secretKey, seed);
    },
    signPublicKey(publicKey, seed) {
      try {
        sodium.crypto_sign_seed_keypair(publicKey, PAIR, seed);
      } finally {
        PAIR.fill(0);
      }
    },
    sign(signature, message, secretKey) {
      sodium.crypto_sign_detached(signature, message, secretKey);
    },
    verify(signature, message, publicKey) {
      return sodium.crypto_sign_verify_detached(signature, message, publicKey);
    },
    agreePublicKey(publicKey, secretKey) {
      sodium.crypto_scalarmult_base(publicKey, secretKey);
    },
    agree(shared, secretKey, publicKey) {
      return succeeds(shared, () => sodium.crypto_scalarmult(shared, secretKey, publicKey));
    },
    subkey(subkey, number, context, key) {
      sodium.crypto_kdf_derive_from_key(subkey, number, context, key);
      sodium.crypto_kdf_derive_from_key(WASTE, 0, NOTHING.subarray(0, 8), NOTHING);
    },
    boxSeal(boxed, message, nonce, publicKey, secretKey) {
      return succeeds(boxed, () =>
        sodium.crypto_box_easy(boxed, message, nonce, publicKey, secretKey),
      );
    },
    boxUnseal(message, boxed, nonce, publicKey, secretKey) {
      const authentic = sodium.crypto_box_open_easy(message, boxed, nonce, publicKey, secretKey);
      if (!authentic) message.fill(0);
      return authentic;
    },
  };
}

/**
 * libsodium's BLAKE2b and Argon2id leave their result in the stack (`buffer` of `blake2b_final`), where
 * a scan finds it on some runtimes. The same call with nothing secret writes over that place, and over
 * the vector registers that copied it.
 */
const WASTE: Uint8Array = new Uint8Array(new ArrayBuffer(64));
/** Where libsodium writes seed and public key when the latter alone is wanted. Zero between calls. */
const PAIR: Uint8Array = offHeapBytes(64);
const NOTHING: Uint8Array = new Uint8Array(new ArrayBuffer(32));

/** Whether libsodium accepted its input; what it may have begun to write is wiped when not. */
function succeeds(output: Uint8Array, call: () => unknown): boolean {
  try {
    call();
    return true;
  } catch (error) {
    output.fill(0);
    if (isAssertion(error)) throw error;
    return false;
  }
}

/** A length that nobody checked. */
function isAssertion(error: unknown): boolean {
  return errorCode(error) === "ERR_ASSERTION";
}

/** The one reason for which libsodium refuses checked arguments of Argon2. */
function noMemory(memoryBytes: number): LetheError {
  return new LetheError(
    "ERR_LETHE_EXHAUSTED",
    `Cannot hash password: the system gives no ${memoryBytes} bytes of memory; use less memoryBytes, or raise the limit of the process`,
  );
}

export const SODIUM_ENGINE_PROVIDER: EngineProvider = {
  name: "sodium",
  open: () => openSodiumEngine(),
};
