// The format of docs/key_file_format.md, written a second time, from the document alone, over another
// library. For tests: it keeps its keys in ordinary memory.
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { argon2id } from "@noble/hashes/argon2.js";
import { blake2b } from "@noble/hashes/blake2.js";

export interface Ingredients {
  readonly type: number;
  readonly passes: number;
  readonly memoryKiB: number;
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
  readonly key: Uint8Array;
  readonly passphrase: Uint8Array;
}

export function referenceSeal(ingredients: Ingredients): Uint8Array {
  const { type, passes, memoryKiB, salt, nonce, key, passphrase } = ingredients;
  const file = new Uint8Array(144 + key.length);
  const view = new DataView(file.buffer);
  file.set([0x4c, 0x45, 0x54, 0x48, 0x45, 0x4b, 0x45, 0x59, 1, 1, 1, type]);
  view.setUint32(12, passes, true);
  view.setUint32(16, memoryKiB, true);
  view.setUint32(20, key.length, true);
  file.set(salt, 24);
  file.set(nonce, 40);
  const derived = argon2id(passphrase, salt, { t: passes, m: memoryKiB, p: 1, dkLen: 64 });
  const commitment = blake2b(file.subarray(0, 64), { key: derived.subarray(32), dkLen: 32 });
  file.set(commitment, 64);
  const cipher = xchacha20poly1305(derived.subarray(0, 32), nonce, file.subarray(0, 96));
  file.set(cipher.encrypt(key), 96);
  return withChecksum(file);
}

/** Makes the checksum anew, as whoever alters a file on purpose would. */
export function withChecksum(file: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(file);
  if (copy.length < 32) return copy;
  const end = copy.length - 32;
  copy.set(blake2b(copy.subarray(0, end), { dkLen: 32 }), end);
  return copy;
}
