import { offHeapBytes } from "../../core/mod.ts";
import type { SodiumNative } from "../../system/sodium_native/sodium_native.ts";

/** One hash of sodium-native, by its streaming calls. */
interface Hash {
  readonly stateBytes: number;
  readonly hashBytes: number;
  readonly blockBytes: number;
  init(state: Uint8Array): void;
  update(state: Uint8Array, bytes: Uint8Array): void;
  final(state: Uint8Array, hash: Uint8Array): void;
}

/** RFC 2104, in secret bytes of its own that are zero between the calls. */
export type Hmac = (tag: Uint8Array, message: Uint8Array, key: Uint8Array) => void;

/** HMAC-SHA-256. sodium-native has `crypto_auth`, which is another one (SHA-512/256, 32-byte keys). */
export function sodiumHmacSha256(sodium: SodiumNative): Hmac {
  return hmac({
    stateBytes: sodium.crypto_hash_sha256_STATEBYTES,
    hashBytes: 32,
    blockBytes: 64,
    init: sodium.crypto_hash_sha256_init,
    update: sodium.crypto_hash_sha256_update,
    final: sodium.crypto_hash_sha256_final,
  });
}

export function sodiumHmacSha512(sodium: SodiumNative): Hmac {
  return hmac({
    stateBytes: sodium.crypto_hash_sha512_STATEBYTES,
    hashBytes: 64,
    blockBytes: 128,
    init: sodium.crypto_hash_sha512_init,
    update: sodium.crypto_hash_sha512_update,
    final: sodium.crypto_hash_sha512_final,
  });
}

/**
 * The pads, the state and the inner hash are as secret as the key: they have a place off the heap,
 * which is wiped before the call ends, however it ends.
 */
function hmac(hash: Hash): Hmac {
  const { stateBytes, hashBytes, blockBytes } = hash;
  const scratch = offHeapBytes(stateBytes + blockBytes + hashBytes);
  const { buffer } = scratch;
  const state = new Uint8Array(buffer, 0, stateBytes);
  const pad = new Uint8Array(buffer, stateBytes, blockBytes);
  const keyHash = new Uint8Array(buffer, stateBytes, hashBytes);
  const inner = new Uint8Array(buffer, stateBytes + blockBytes, hashBytes);
  const digest = (into: Uint8Array, ...parts: readonly Uint8Array[]): void => {
    hash.init(state);
    for (const part of parts) hash.update(state, part);
    hash.final(state, into);
  };
  const mask = (byte: number): void => {
    for (let index = 0; index < blockBytes; index++) pad[index] = (pad[index] as number) ^ byte;
  };
  return (tag, message, key) => {
    try {
      if (key.length > blockBytes) digest(keyHash, key);
      else pad.set(key);
      mask(0x36);
      digest(inner, pad, message);
      mask(0x36 ^ 0x5c);
      digest(tag, pad, inner);
    } finally {
      scratch.fill(0);
    }
  };
}
