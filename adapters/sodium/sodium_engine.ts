import type { CryptoEngine, EngineOffer, Operation } from "../../core/mod.ts";
import { loadSodiumNative, type SodiumNative } from "./sodium_native.ts";

/** libsodium through sodium-native: straight on the bytes it is lent, with no copy. */
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
    aeadOpen(message, sealed, additional, nonce, key) {
      try {
        sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
          message,
          null,
          sealed,
          additional,
          nonce,
          key,
        );
        return true;
      } catch {
        message.fill(0);
        return false;
      }
    },
    keyedHash(hash, message, key) {
      sodium.crypto_generichash(hash, message, ...(key.length === 0 ? [] : [key]));
    },
    argon2id(hash, password, salt, passes, memoryBytes) {
      sodium.crypto_pwhash(
        hash,
        password,
        salt,
        passes,
        memoryBytes,
        sodium.crypto_pwhash_ALG_ARGON2ID13,
      );
    },
    signKeyPair(publicKey, secretKey, seed) {
      sodium.crypto_sign_seed_keypair(publicKey, secretKey, seed);
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
      try {
        sodium.crypto_scalarmult(shared, secretKey, publicKey);
        return true;
      } catch {
        shared.fill(0);
        return false;
      }
    },
    hmacSha256() {
      throw new TypeError("hmac-sha256 is not in operations");
    },
    hmacSha512() {
      throw new TypeError("hmac-sha512 is not in operations");
    },
  };
}

const OPERATIONS: ReadonlySet<Operation> = new Set([
  "aead",
  "keyed-hash",
  "argon2id",
  "ed25519",
  "x25519",
]);

export const SODIUM_ENGINE_OFFER: EngineOffer = { name: "sodium", open: () => openSodiumEngine() };
