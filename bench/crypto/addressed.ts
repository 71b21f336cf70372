// What calling libsodium on the addresses of closed pages would take: no view, nothing to detach, no N-API.
// It is the floor of that approach: it keeps no books about secrets.

import type { Region } from "../../core/mod.ts";
import type { Ffi } from "../../system/ffi.ts";

type Located = Region & { readonly address: bigint };

function room(byteLength: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(byteLength));
}

/** Each work on a key in one closed region, with its result in another where it is secret. */
export function openAddressed(
  ffi: Ffi,
  library: string,
  key: Located,
  made: Located,
  message: Uint8Array<ArrayBuffer>,
): Readonly<Record<string, () => void>> {
  const sodium = ffi.open(library, {
    sodium_init: { parameters: [], result: "i32" },
    randombytes_buf: { parameters: ["bytes", "usize"], result: "void" },
    crypto_aead_xchacha20poly1305_ietf_encrypt: {
      parameters: ["bytes", "usize", "bytes", "usize", "usize", "usize", "usize", "bytes", "usize"],
      result: "i32",
    },
    crypto_aead_xchacha20poly1305_ietf_decrypt: {
      parameters: ["usize", "usize", "usize", "bytes", "usize", "bytes", "usize", "bytes", "usize"],
      result: "i32",
    },
    crypto_auth_hmacsha256: { parameters: ["usize", "bytes", "usize", "usize"], result: "i32" },
    crypto_kdf_derive_from_key: {
      parameters: ["usize", "usize", "usize", "bytes", "usize"],
      result: "i32",
    },
    crypto_sign_detached: {
      parameters: ["bytes", "usize", "bytes", "usize", "usize"],
      result: "i32",
    },
    crypto_sign_seed_keypair: { parameters: ["bytes", "bytes", "usize"], result: "i32" },
    sodium_memcmp: { parameters: ["bytes", "usize", "usize"], result: "i32" },
  } as const);
  // The same function on a secret message: an address instead of an array.
  const { crypto_aead_xchacha20poly1305_ietf_encrypt: encryptSecret } = ffi.open(library, {
    crypto_aead_xchacha20poly1305_ietf_encrypt: {
      parameters: ["bytes", "usize", "usize", "usize", "bytes", "usize", "usize", "bytes", "usize"],
      result: "i32",
    },
  } as const);
  if (sodium.sodium_init() < 0) throw new Error("Cannot start libsodium");
  const context = new TextEncoder().encode("context_");
  const [nonce, additional, encrypted, sealed] = [room(24), room(24), room(48), room(48)];
  const [signature, half, pair] = [room(64), room(32), room(64)];

  const begin = (): void => {
    made.protect("read-write");
    key.protect("read-only");
  };
  const end = (status: number): void => {
    key.protect("no-access");
    made.protect("no-access");
    if (status !== 0) throw new Error("libsodium refused");
    made.protect("read-write");
    made.wipe();
    made.protect("no-access");
  };
  const seal = (): void => {
    sodium.randombytes_buf(nonce, 24n);
    begin();
    encryptSecret(sealed, 0n, made.address, 32n, additional, 24n, 0n, nonce, key.address);
    key.protect("no-access");
    made.wipe();
    made.protect("no-access");
  };
  let isSealed = false;
  return {
    encrypt() {
      isSealed = false;
      sodium.randombytes_buf(nonce, 24n);
      key.protect("read-only");
      sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
        ...([encrypted, 0n, message, 32n, 0n, 0n, 0n, nonce, key.address] as const),
      );
      key.protect("no-access");
    },
    hmac() {
      begin();
      end(sodium.crypto_auth_hmacsha256(made.address, message, 32n, key.address));
    },
    derive() {
      begin();
      end(sodium.crypto_kdf_derive_from_key(made.address, 32n, 1n, context, key.address));
    },
    sign() {
      key.protect("read-only");
      sodium.crypto_sign_seed_keypair(half, pair, key.address);
      pair.fill(0);
      if (sodium.sodium_memcmp(half, key.address + 32n, 32n) !== 0) throw new Error("pair");
      sodium.crypto_sign_detached(signature, 0n, message, 32n, key.address);
      key.protect("no-access");
    },
    seal,
    open() {
      if (!isSealed) seal();
      isSealed = true;
      begin();
      end(
        sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
          ...([made.address, 0n, 0n, sealed, 48n, additional, 24n, nonce, key.address] as const),
        ),
      );
    },
  };
}
