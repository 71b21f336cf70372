/** What sodium-native's memory functions take: they read nothing but its buffer. */
export interface Allocation {
  readonly buffer: ArrayBuffer;
  /** `sodium_free` ignores what does not carry this mark. */
  readonly secure: true;
}

/** The part of sodium-native 5 that holds memory, as it is called. */
export interface SodiumAllocator {
  /** @param byteLength 0 to 2^32 - 1; aborts the process when libsodium has no memory */
  sodium_malloc(byteLength: number): { readonly buffer: ArrayBuffer };
  /** Detaches the buffer at once; the memory is given back when the event loop turns. */
  sodium_free(allocation: Allocation): void;
  sodium_mprotect_noaccess(allocation: Allocation): void;
  sodium_mprotect_readonly(allocation: Allocation): void;
  sodium_mprotect_readwrite(allocation: Allocation): void;
  randombytes_buf(bytes: Uint8Array): void;
}

/** With the part that computes. */
export interface SodiumNative extends SodiumAllocator {
  crypto_aead_xchacha20poly1305_ietf_encrypt(
    sealed: Uint8Array,
    message: Uint8Array,
    additional: Uint8Array | null,
    nsec: null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number;
  /** @throws when it is not authentic */
  crypto_aead_xchacha20poly1305_ietf_decrypt(
    message: Uint8Array,
    nsec: null,
    sealed: Uint8Array,
    additional: Uint8Array | null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number;
  crypto_aead_chacha20poly1305_ietf_encrypt(
    sealed: Uint8Array,
    message: Uint8Array,
    additional: Uint8Array | null,
    nsec: null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number;
  /** @throws when it is not authentic */
  crypto_aead_chacha20poly1305_ietf_decrypt(
    message: Uint8Array,
    nsec: null,
    sealed: Uint8Array,
    additional: Uint8Array | null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number;
  crypto_generichash(hash: Uint8Array, message: Uint8Array, key?: Uint8Array): void;
  readonly crypto_pwhash_ALG_ARGON2ID13: number;
  crypto_pwhash(
    hash: Uint8Array,
    password: Uint8Array,
    salt: Uint8Array,
    passes: number,
    memoryBytes: number,
    algorithm: number,
  ): void;
  crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void;
  crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
  crypto_sign_verify_detached(
    signature: Uint8Array,
    message: Uint8Array,
    publicKey: Uint8Array,
  ): boolean;
  crypto_scalarmult_base(publicKey: Uint8Array, secretKey: Uint8Array): void;
  /** @throws for a low-order point */
  crypto_scalarmult(shared: Uint8Array, secretKey: Uint8Array, publicKey: Uint8Array): void;
  readonly crypto_hash_sha256_STATEBYTES: number;
  crypto_hash_sha256_init(state: Uint8Array): void;
  crypto_hash_sha256_update(state: Uint8Array, bytes: Uint8Array): void;
  crypto_hash_sha256_final(state: Uint8Array, hash: Uint8Array): void;
  readonly crypto_hash_sha512_STATEBYTES: number;
  crypto_hash_sha512_init(state: Uint8Array): void;
  crypto_hash_sha512_update(state: Uint8Array, bytes: Uint8Array): void;
  crypto_hash_sha512_final(state: Uint8Array, hash: Uint8Array): void;
  crypto_kdf_derive_from_key(
    subkey: Uint8Array,
    number: number,
    context: Uint8Array,
    key: Uint8Array,
  ): void;
  /** @throws for a low-order public key */
  crypto_box_easy(
    boxed: Uint8Array,
    message: Uint8Array,
    nonce: Uint8Array,
    publicKey: Uint8Array,
    secretKey: Uint8Array,
  ): void;
  crypto_box_open_easy(
    message: Uint8Array,
    boxed: Uint8Array,
    nonce: Uint8Array,
    publicKey: Uint8Array,
    secretKey: Uint8Array,
  ): boolean;
}
