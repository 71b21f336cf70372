/** What an engine may be able to do. */
export type Operation =
  | "aead"
  | "keyed-hash"
  | "hmac-sha256"
  | "hmac-sha512"
  | "argon2id"
  | "ed25519"
  | "x25519"
  | "subkey"
  | "box"
  | "chacha20-poly1305";

/** Everything that an engine may be able to do. */
export const OPERATIONS: ReadonlySet<Operation> = new Set<Operation>([
  "aead",
  "keyed-hash",
  "hmac-sha256",
  "hmac-sha512",
  "argon2id",
  "ed25519",
  "x25519",
  "subkey",
  "box",
  "chacha20-poly1305",
]);

/**
 * The port that a cryptographic library fills: bytes in, bytes out, nothing kept.
 *
 * Lethe's own code lends it the bytes of secrets inside their scopes and gives it the place of the
 * result, so that an engine over native code makes no copy at all. A conforming engine keeps these
 * rules; the tests hold every engine to each of them:
 *
 * - ENGINE-1: results are the published algorithm's, byte for byte, the same from every engine
 * - ENGINE-2: lengths were checked by the caller; the engine writes the whole of an output, or, when it
 *   gives `false`, leaves it zero
 * - ENGINE-3: an operation that is not in `operations` is never called
 * - ENGINE-4: after a call has returned or thrown, the engine holds no copy of a secret argument, a secret
 *   result or a value derived from one, apart from what its `residue` declares
 * - ENGINE-5: what it throws (`ERR_LETHE_EXHAUSTED` where there is no room) quotes no argument
 *
 * @example
 * ```ts
 * import type { CryptoEngine } from "lethe/engine";
 * import { nobleEngine } from "lethe/noble";
 *
 * const engine: CryptoEngine = nobleEngine();
 * const zeros = (byteLength: number): Uint8Array => new Uint8Array(new ArrayBuffer(byteLength));
 * const [message, key, nonce, seed] = [zeros(5), zeros(32).fill(1), zeros(24), zeros(32).fill(2)];
 *
 * const sealed = zeros(message.length + 16);
 * engine.aeadSeal(sealed, message, zeros(0), nonce, key);
 * engine.aeadUnseal(message, sealed, zeros(0), nonce, key); // true
 * engine.chachaSeal(sealed, message, zeros(0), zeros(12), key);
 * engine.chachaUnseal(message, sealed, zeros(0), zeros(12), key); // true
 * engine.keyedHash(zeros(32), message, key);
 * engine.hmacSha256(zeros(32), message, key);
 * engine.hmacSha512(zeros(64), message, key);
 * engine.argon2id(zeros(32), message, zeros(16), 1, 8192);
 * engine.subkey(zeros(32), 1, zeros(8), key);
 *
 * const [publicKey, secretKey, signature] = [zeros(32), zeros(64), zeros(64)];
 * engine.signKeyPair(publicKey, secretKey, seed);
 * engine.signPublicKey(publicKey, seed);
 * engine.sign(signature, message, secretKey);
 * engine.verify(signature, message, publicKey); // true
 *
 * const [theirs, shared, boxed] = [zeros(32), zeros(32), zeros(message.length + 16)];
 * engine.agreePublicKey(theirs, key);
 * engine.agree(shared, seed, theirs); // true
 * engine.boxSeal(boxed, message, nonce, theirs, seed); // true
 * const ours = zeros(32);
 * engine.agreePublicKey(ours, seed);
 * engine.boxUnseal(message, boxed, nonce, ours, key); // true
 * ```
 */
export interface CryptoEngine {
  /** Short and lower case: `sodium`, `libsodium`, `noble`. */
  readonly name: string;
  /** The operations that this engine has. */
  readonly operations: ReadonlySet<Operation>;
  /** What it leaves behind, measured, a sentence an operation; an absent operation leaves nothing. */
  readonly residue: Readonly<Partial<Record<Operation, string>>>;
  /**
   * XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03): `sealed` takes the ciphertext and then the tag,
   * 16 bytes more than `message`. The nonce has 24 bytes, the key 32.
   */
  aeadSeal(
    sealed: Uint8Array,
    message: Uint8Array,
    additional: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): void;
  /** The reverse. False when it is not authentic, and then `message` is all zero. */
  aeadUnseal(
    message: Uint8Array,
    sealed: Uint8Array,
    additional: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): boolean;
  /**
   * ChaCha20-Poly1305 (RFC 8439), for formats that have it: `sealed` takes the ciphertext and then the
   * tag, 16 bytes more than `message`. The nonce has 12 bytes, which are too few to be random: the
   * format says how no nonce comes twice under one key of 32 bytes.
   */
  chachaSeal(
    sealed: Uint8Array,
    message: Uint8Array,
    additional: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): void;
  /** The reverse. False when it is not authentic, and then `message` is all zero. */
  chachaUnseal(
    message: Uint8Array,
    sealed: Uint8Array,
    additional: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): boolean;
  /** BLAKE2b (RFC 7693): a hash of 16 to 64 bytes; the key has 16 to 64, or none for a plain hash. */
  keyedHash(hash: Uint8Array, message: Uint8Array, key: Uint8Array): void;
  /** RFC 2104 with SHA-256: 32 bytes, a key of any length. */
  hmacSha256(tag: Uint8Array, message: Uint8Array, key: Uint8Array): void;
  /** RFC 2104 with SHA-512: 64 bytes, a key of any length. */
  hmacSha512(tag: Uint8Array, message: Uint8Array, key: Uint8Array): void;
  /**
   * Argon2id version 1.3, one lane (RFC 9106), with a salt of 16 bytes. Blocks for its whole time.
   *
   * @param passes 1 to 2^32 - 1
   * @param memoryBytes a multiple of 1024, at least 8192
   */
  argon2id(
    hash: Uint8Array,
    password: Uint8Array,
    salt: Uint8Array,
    passes: number,
    memoryBytes: number,
  ): void;
  /** Ed25519 (RFC 8032): the public key and the secret key (seed, then public key; 64 bytes). */
  signKeyPair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void;
  /** The public key of a seed alone. */
  signPublicKey(publicKey: Uint8Array, seed: Uint8Array): void;
  /** The caller has checked that the public half of `secretKey` is that of its seed. */
  sign(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
  /** Strict: a non-canonical or low-order value is never valid. */
  verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
  /** X25519 (RFC 7748): the public key of a secret key. */
  agreePublicKey(publicKey: Uint8Array, secretKey: Uint8Array): void;
  /** The shared secret, 32 bytes. False for a low-order point, and then `shared` is all zero. */
  agree(shared: Uint8Array, secretKey: Uint8Array, publicKey: Uint8Array): boolean;
  /**
   * `crypto_kdf_derive_from_key` of libsodium: BLAKE2b of nothing, with the key of 32 bytes, the
   * number (little-endian) as salt and the context of 8 bytes as personalization. 16 to 64 bytes.
   *
   * @param number 0 to 2^53 - 1
   */
  subkey(subkey: Uint8Array, number: number, context: Uint8Array, key: Uint8Array): void;
  /**
   * `crypto_box_easy` of libsodium (X25519, HSalsa20, XSalsa20-Poly1305): `boxed` takes the tag and
   * then the ciphertext, 16 bytes more than `message`. The nonce has 24 bytes. False for a low-order
   * public key, and then `boxed` is all zero.
   */
  boxSeal(
    boxed: Uint8Array,
    message: Uint8Array,
    nonce: Uint8Array,
    publicKey: Uint8Array,
    secretKey: Uint8Array,
  ): boolean;
  /** The reverse. False when it is not authentic, and then `message` is all zero. */
  boxUnseal(
    message: Uint8Array,
    boxed: Uint8Array,
    nonce: Uint8Array,
    publicKey: Uint8Array,
    secretKey: Uint8Array,
  ): boolean;
}

/**
 * An engine that a runtime may have. Opening it costs nothing until it is asked for.
 *
 * @example
 * ```ts
 * import type { EngineProvider } from "lethe/engine";
 * import { nobleEngine } from "lethe/noble";
 *
 * const provider: EngineProvider = { name: "noble", open: () => nobleEngine() };
 * console.log(provider.open().operations.has("aead")); // true
 * ```
 */
export interface EngineProvider {
  /** The name, as `engine` of `openCrypto` takes it. */
  readonly name: string;
  /**
   * Loads the engine.
   *
   * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` with the reason, when it is not available here
   */
  open(): CryptoEngine;
}
