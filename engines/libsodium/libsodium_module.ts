/** A pointer into the memory of the module, or a length. */
type Int = number;
/** 64-bit lengths go in two halves, the low one first. */
type Low = number;
type High = number;

/**
 * The raw exports of libsodium as `libsodium-sumo` builds it, as they are called.
 *
 * The wrappers that are published with it are not used: they leave their copies of keys and results
 * in the heap.
 */
export interface LibsodiumModule {
  /** The whole memory, stack included. Replaced when it grows. */
  readonly HEAPU8: Uint8Array<ArrayBuffer>;
  _sodium_init(): number;
  /** 0 when there is no room. */
  _malloc(byteLength: number): Int;
  _free(address: Int): void;
  _crypto_aead_xchacha20poly1305_ietf_encrypt(
    sealed: Int,
    sealedLength: 0,
    message: Int,
    messageLow: Low,
    messageHigh: High,
    additional: Int,
    additionalLow: Low,
    additionalHigh: High,
    nsec: 0,
    nonce: Int,
    key: Int,
  ): number;
  _crypto_aead_xchacha20poly1305_ietf_decrypt(
    message: Int,
    messageLength: 0,
    nsec: 0,
    sealed: Int,
    sealedLow: Low,
    sealedHigh: High,
    additional: Int,
    additionalLow: Low,
    additionalHigh: High,
    nonce: Int,
    key: Int,
  ): number;
  _crypto_aead_chacha20poly1305_ietf_encrypt(
    sealed: Int,
    sealedLength: 0,
    message: Int,
    messageLow: Low,
    messageHigh: High,
    additional: Int,
    additionalLow: Low,
    additionalHigh: High,
    nsec: 0,
    nonce: Int,
    key: Int,
  ): number;
  _crypto_aead_chacha20poly1305_ietf_decrypt(
    message: Int,
    messageLength: 0,
    nsec: 0,
    sealed: Int,
    sealedLow: Low,
    sealedHigh: High,
    additional: Int,
    additionalLow: Low,
    additionalHigh: High,
    nonce: Int,
    key: Int,
  ): number;
  _crypto_generichash(
    hash: Int,
    hashLength: Int,
    message: Int,
    messageLow: Low,
    messageHigh: High,
    key: Int,
    keyLength: Int,
  ): number;
  _crypto_auth_hmacsha256_init(state: Int, key: Int, keyLength: Int): number;
  _crypto_auth_hmacsha256_update(state: Int, message: Int, low: Low, high: High): number;
  _crypto_auth_hmacsha256_final(state: Int, tag: Int): number;
  _crypto_auth_hmacsha512_init(state: Int, key: Int, keyLength: Int): number;
  _crypto_auth_hmacsha512_update(state: Int, message: Int, low: Low, high: High): number;
  _crypto_auth_hmacsha512_final(state: Int, tag: Int): number;
  _crypto_pwhash(
    hash: Int,
    hashLow: Low,
    hashHigh: High,
    password: Int,
    passwordLow: Low,
    passwordHigh: High,
    salt: Int,
    passesLow: Low,
    passesHigh: High,
    memoryBytes: Int,
    algorithm: number,
  ): number;
  _crypto_sign_seed_keypair(publicKey: Int, secretKey: Int, seed: Int): number;
  _crypto_sign_detached(
    signature: Int,
    signatureLength: 0,
    message: Int,
    messageLow: Low,
    messageHigh: High,
    secretKey: Int,
  ): number;
  _crypto_sign_verify_detached(
    signature: Int,
    message: Int,
    messageLow: Low,
    messageHigh: High,
    publicKey: Int,
  ): number;
  _crypto_scalarmult_base(publicKey: Int, secretKey: Int): number;
  _crypto_scalarmult(shared: Int, secretKey: Int, publicKey: Int): number;
  _crypto_kdf_derive_from_key(
    subkey: Int,
    subkeyLength: Int,
    numberLow: Low,
    numberHigh: High,
    context: Int,
    key: Int,
  ): number;
  _crypto_box_easy(
    boxed: Int,
    message: Int,
    messageLow: Low,
    messageHigh: High,
    nonce: Int,
    publicKey: Int,
    secretKey: Int,
  ): number;
  _crypto_box_open_easy(
    message: Int,
    boxed: Int,
    boxedLow: Low,
    boxedHigh: High,
    nonce: Int,
    publicKey: Int,
    secretKey: Int,
  ): number;
}
