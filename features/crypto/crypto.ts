import type { Argon2Cost } from "../../core/contract/cost.ts";
import type { Operation } from "../../core/contract/engine.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { PassedOverEngine } from "../../core/engines.ts";
import type { SecretInput, StandardSecretV1 } from "../../core/standard/standard.ts";
import type {
  AeadOptions,
  Argon2idOptions,
  HkdfOptions,
  HmacOptions,
  KeyPairInput,
  LengthOptions,
  SecretKeyPair,
  VerifyPasswordOptions,
} from "./options.ts";

/**
 * Uses secrets without taking them out: from secret to secret, or from secret to public bytes.
 *
 * - CRYPTO-1: keys are {@link SecretBuffer}s, or secrets of another library that lend their bytes as one; a
 *   `Uint8Array` is refused where a key belongs
 * - CRYPTO-2: what is secret in a result is a new {@link SecretBuffer}, into which the engine writes
 *   directly; the caller destroys it
 * - CRYPTO-3: everything on the wire is the same from every engine
 * - CRYPTO-4: no nonce is ever taken from the caller, and none is used twice
 * - CRYPTO-5: what does not authenticate gives nothing: `ERR_LETHE_FORGED`, and no byte of plaintext
 *
 * The key comes first, then what it is used on, then one object of options. The custodian has the same
 * operations under the same names, with the name of a secret in the place of the key: docs/operations.md.
 * Messages may be secrets or plain bytes. Bytes that another library's secret lends are
 * copied into these secrets for the call. Every method is synchronous; Argon2id blocks for its whole time. Each may throw `ERR_LETHE_UNSUPPORTED` when the engine lacks the operation, and what the
 * secrets and their memory throw (`ERR_LETHE_DESTROYED`, `ERR_LETHE_EXHAUSTED`). Wrong arguments are
 * `TypeError` or `RangeError`.
 *
 * Copies that an engine leaves are listed in {@link SecretCrypto.residue}, and measured in docs/crypto.md.
 */
export interface SecretCrypto {
  /** Name of the engine: `sodium`, `libsodium`, `noble`, or a custom one's. */
  readonly engine: string;
  /** The operations that the engine has; others throw `ERR_LETHE_UNSUPPORTED`. */
  readonly operations: ReadonlySet<Operation>;
  /** What the engine leaves in memory, an operation a sentence. Empty: nothing, as far as measured. */
  readonly residue: Readonly<Partial<Record<Operation, string>>>;
  /** The better engines that `"auto"` did not take, and why. */
  readonly passedOver: readonly PassedOverEngine[];

  /**
   * XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) under a fresh random nonce.
   *
   * @param key 32 bytes
   * @throws {LetheError} `ERR_LETHE_KEY_INVALID` for a key of nothing but zeros, here and wherever a
   * parameter is named `key`: it was wiped, or never filled, and everybody knows it
   * @returns `nonce (24) || ciphertext || tag (16)`: 40 bytes more than the message, which may be empty
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openCrypto } from "lethe/crypto";
   *
   * const secrets = openSecrets();
   * const crypto = openCrypto(secrets);
   * const message = new TextEncoder().encode("message");
   * const key = secrets.random(32);
   * const encrypted = crypto.encrypt(key, message); // 47 bytes
   * const decrypted = crypto.decrypt(key, encrypted);
   * secrets.purge();
   * ```
   */
  encrypt(
    key: StandardSecretV1,
    message: SecretInput,
    options?: AeadOptions,
  ): Uint8Array<ArrayBuffer>;
  /**
   * The message of `encrypted`, in a new secret.
   *
   * @throws {LetheError} `ERR_LETHE_FORGED` unless it was encrypted under this key with this
   * additional data, and is whole
   * @throws {RangeError} for an authentic empty message, which no secret can hold: see `isAuthentic`
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openCrypto } from "lethe/crypto";
   *
   * const secrets = openSecrets();
   * const crypto = openCrypto(secrets);
   * const key = secrets.random(32);
   * const additional = new TextEncoder().encode("row 7"); // where the ciphertext belongs
   * const encrypted = crypto.encrypt(key, secrets.random(16), { additional });
   * const decrypted = crypto.decrypt(key, encrypted, { additional }); // 16 bytes, a new secret
   * secrets.purge();
   * ```
   */
  decrypt(key: StandardSecretV1, encrypted: Uint8Array, options?: AeadOptions): SecretBuffer;
  /**
   * Whether `encrypted` would decrypt. For messages that may be empty.
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openCrypto } from "lethe/crypto";
   *
   * const secrets = openSecrets();
   * const crypto = openCrypto(secrets);
   * const key = secrets.random(32);
   * const encrypted = crypto.encrypt(key, new Uint8Array()); // of an empty message
   * crypto.isAuthentic(key, encrypted); // true
   * secrets.purge();
   * ```
   */
  isAuthentic(key: StandardSecretV1, encrypted: Uint8Array, options?: AeadOptions): boolean;

  /**
   * BLAKE2b (RFC 7693) under a key.
   *
   * @param key 16 to 64 bytes
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openCrypto } from "lethe/crypto";
   *
   * const secrets = openSecrets();
   * const crypto = openCrypto(secrets);
   * const message = new TextEncoder().encode("message");
   * const key = secrets.random(32);
   * const hash = crypto.keyedHash(key, message, { byteLength: 16 }); // 16 bytes
   * secrets.purge();
   * ```
   */
  keyedHash(key: StandardSecretV1, message: SecretInput, options?: LengthOptions): SecretBuffer;
  /**
   * HMAC (RFC 2104): a tag of 32 or 64 bytes. The key has any length.
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openCrypto } from "lethe/crypto";
   *
   * const secrets = openSecrets();
   * const crypto = openCrypto(secrets);
   * const message = new TextEncoder().encode("message");
   * const key = secrets.random(32);
   * const tag = crypto.hmac(key, message, { hash: "sha512" }); // 64 bytes
   * secrets.purge();
   * ```
   */
  hmac(key: StandardSecretV1, message: SecretInput, options?: HmacOptions): SecretBuffer;
  /**
   * Whether `tag` is the whole HMAC, compared in constant time. A truncated tag is none.
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openCrypto } from "lethe/crypto";
   *
   * const secrets = openSecrets();
   * const crypto = openCrypto(secrets);
   * const message = new TextEncoder().encode("message");
   * const key = secrets.random(32);
   * const received = new Uint8Array(32); // a tag that came with the message
   * crypto.verifyHmac(key, message, received); // false
   * secrets.purge();
   * ```
   */
  verifyHmac(
    key: StandardSecretV1,
    message: SecretInput,
    tag: Uint8Array,
    options?: HmacOptions,
  ): boolean;
  /**
   * HKDF (RFC 5869), extract and expand; PRK and every T(i) stay in secret memory.
   *
   * @param secret one byte or more. Zeros are taken, because protocols extract from them (RFC 8446, 7.1)
   * @throws {LetheError} `ERR_LETHE_UNSUPPORTED` when the engine lacks the HMAC
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openCrypto } from "lethe/crypto";
   *
   * const secrets = openSecrets();
   * const crypto = openCrypto(secrets);
   * const shared = secrets.random(32);
   * const info = new TextEncoder().encode("session 7, client to server");
   * const key = crypto.hkdf(shared, { info, byteLength: 32 });
   * secrets.purge();
   * ```
   */
  hkdf(secret: StandardSecretV1, options?: HkdfOptions): SecretBuffer;
  /**
   * Subkey `number` of `key`, the same as libsodium's `crypto_kdf_derive_from_key`.
   *
   * @param key 32 random bytes
   * @param number 0 to 2^53 - 1
   * @param context 8 public bytes that say what the subkeys are for
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openCrypto } from "lethe/crypto";
   *
   * const secrets = openSecrets();
   * const crypto = openCrypto(secrets);
   * const master = secrets.random(32);
   * const context = new TextEncoder().encode("backups_"); // 8 bytes
   * const key = crypto.deriveSubkey(master, 1, context); // 32 bytes
   * secrets.purge();
   * ```
   */
  deriveSubkey(
    key: StandardSecretV1,
    number: number,
    context: Uint8Array,
    options?: LengthOptions,
  ): SecretBuffer;
  /**
   * A key from a password: Argon2id version 1.3 with one lane (RFC 9106). Blocks for its whole time.
   *
   * @param salt 16 public random bytes
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openCrypto } from "lethe/crypto";
   *
   * const secrets = openSecrets();
   * const crypto = openCrypto(secrets);
   * const password = secrets.random(12); // from `promptSecret`
   * const salt = globalThis.crypto.getRandomValues(new Uint8Array(16)); // stored beside the result
   * const key = crypto.argon2id(password, salt, { passes: 3, memoryBytes: 64 * 2 ** 20 });
   * secrets.purge();
   * ```
   */
  argon2id(password: StandardSecretV1, salt: Uint8Array, options: Argon2idOptions): SecretBuffer;
  /**
   * What a database keeps of a password: Argon2id under a fresh salt, as a PHC string. It is not a secret.
   * Blocks for its whole time.
   *
   * @returns `$argon2id$v=19$m=KIBIBYTES,t=PASSES,p=1$SALT$HASH`
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openCrypto } from "lethe/crypto";
   *
   * const secrets = openSecrets();
   * const crypto = openCrypto(secrets);
   * const password = secrets.random(12); // from a request
   * const stored = crypto.hashPassword(password, { passes: 2, memoryBytes: 19 * 2 ** 20 });
   * crypto.verifyPassword(password, stored); // true
   * secrets.purge();
   * ```
   */
  hashPassword(password: StandardSecretV1, cost: Argon2Cost): string;
  /**
   * Whether `hash` is one of this password, compared in constant time. Blocks for its whole time.
   *
   * @param hash what {@link SecretCrypto.hashPassword} or another library made, as text or its bytes
   * @throws {LetheError} `ERR_LETHE_KEY_COST` for one that costs more than `mostCost`;
   * `ERR_LETHE_UNSUPPORTED` for another algorithm, several lanes, or a salt that has not 16 bytes
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openCrypto } from "lethe/crypto";
   *
   * const secrets = openSecrets();
   * const crypto = openCrypto(secrets);
   * const password = secrets.random(12); // from a request
   * const stored = crypto.hashPassword(password, { passes: 2, memoryBytes: 19 * 2 ** 20 });
   * const mostCost = { passes: 4, memoryBytes: 64 * 2 ** 20 };
   * crypto.verifyPassword(secrets.random(12), stored, { mostCost }); // false
   * secrets.purge();
   * ```
   */
  verifyPassword(
    password: StandardSecretV1,
    hash: string | Uint8Array,
    options?: VerifyPasswordOptions,
  ): boolean;

  /**
   * An Ed25519 key pair (RFC 8032). The secret key has 64 bytes: seed and public key, as in libsodium.
   *
   * @param seed 32 bytes; by default random ones
   * @throws {LetheError} `ERR_LETHE_KEY_INVALID` for a seed of nothing but zeros
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openCrypto } from "lethe/crypto";
   *
   * const secrets = openSecrets();
   * const crypto = openCrypto(secrets);
   * const { publicKey, secretKey } = crypto.signKeyPair();
   * console.log(publicKey.length, secretKey.byteLength); // 32 64
   * secretKey.destroy();
   * ```
   */
  signKeyPair(seed?: StandardSecretV1): SecretKeyPair;
  /**
   * An Ed25519 signature, 64 bytes.
   *
   * @param secretKey seed and public key; the latter is derived again, which takes as long as the
   * signature itself, because two signatures under two public keys would give the private key away
   * @throws {LetheError} `ERR_LETHE_KEY_INVALID` when the public key is not that of the seed
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openCrypto } from "lethe/crypto";
   *
   * const secrets = openSecrets();
   * const crypto = openCrypto(secrets);
   * const message = new TextEncoder().encode("message");
   * const { publicKey, secretKey } = crypto.signKeyPair();
   * const signature = crypto.sign(secretKey, message); // 64 bytes
   * crypto.verify(publicKey, message, signature); // true
   * secretKey.destroy();
   * ```
   */
  sign(secretKey: StandardSecretV1, message: SecretInput): Uint8Array<ArrayBuffer>;
  /**
   * Strict: non-canonical encodings and low-order points are never valid.
   *
   * @returns false for what is not a signature; of a public key or signature of another length it throws a `RangeError`
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openCrypto } from "lethe/crypto";
   *
   * const secrets = openSecrets();
   * const crypto = openCrypto(secrets);
   * const message = new TextEncoder().encode("message");
   * const { publicKey, secretKey } = crypto.signKeyPair();
   * crypto.verify(publicKey, message, new Uint8Array(64)); // false: no signature of the message
   * secretKey.destroy();
   * ```
   */
  verify(publicKey: Uint8Array, message: SecretInput, signature: Uint8Array): boolean;

  /**
   * An X25519 key pair (RFC 7748).
   *
   * @param secretKey 32 bytes, of which the result then holds a copy; by default random ones
   * @throws {LetheError} `ERR_LETHE_KEY_INVALID` for nothing but zeros
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openCrypto } from "lethe/crypto";
   *
   * const secrets = openSecrets();
   * const crypto = openCrypto(secrets);
   * const { publicKey, secretKey } = crypto.agreeKeyPair();
   * console.log(publicKey.length, secretKey.byteLength); // 32 32
   * secretKey.destroy();
   * ```
   */
  agreeKeyPair(secretKey?: StandardSecretV1): SecretKeyPair;
  /**
   * The shared secret of RFC 7748, section 6.1: 32 bytes, not hashed. It is not yet a key: give it to
   * `hkdf`, with both public keys in `info`.
   *
   * @throws {LetheError} `ERR_LETHE_FORGED` for a low-order public key, which no honest party sends;
   * `ERR_LETHE_KEY_INVALID` for a secret key of nothing but zeros
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openCrypto } from "lethe/crypto";
   *
   * const secrets = openSecrets();
   * const crypto = openCrypto(secrets);
   * const ours = crypto.agreeKeyPair();
   * const theirs = crypto.agreeKeyPair(); // on another machine
   * const shared = crypto.agree(ours.secretKey, theirs.publicKey);
   * const info = new Uint8Array([...ours.publicKey, ...theirs.publicKey]);
   * const key = crypto.hkdf(shared, { info });
   * secrets.purge();
   * ```
   */
  agree(secretKey: StandardSecretV1, publicKey: Uint8Array): SecretBuffer;

  /**
   * A message that only the owner of `publicKey` can open, from nobody in particular: the same bytes
   * as libsodium's `crypto_box_seal`.
   *
   * @param publicKey of an X25519 key pair
   * @returns `ephemeral public key (32) || tag (16) || ciphertext`: 48 bytes more than the message
   * @throws {LetheError} `ERR_LETHE_FORGED` for a low-order public key
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openCrypto } from "lethe/crypto";
   *
   * const secrets = openSecrets();
   * const crypto = openCrypto(secrets);
   * const recipient = crypto.agreeKeyPair(); // the sender knows its public key alone
   * const box = crypto.sealBox(recipient.publicKey, secrets.random(16)); // 64 bytes
   * secrets.purge();
   * ```
   */
  sealBox(publicKey: Uint8Array, message: SecretInput): Uint8Array<ArrayBuffer>;
  /**
   * The message of a sealed box, in a new secret.
   *
   * @throws {LetheError} `ERR_LETHE_FORGED` unless it was sealed for this key pair, and is whole;
   * `ERR_LETHE_KEY_INVALID` when the public key is not that of the secret key
   * @throws {RangeError} for an authentic empty message, which no secret can hold
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openCrypto } from "lethe/crypto";
   *
   * const secrets = openSecrets();
   * const crypto = openCrypto(secrets);
   * const recipient = crypto.agreeKeyPair();
   * const box = crypto.sealBox(recipient.publicKey, secrets.random(16));
   * const message = crypto.unsealBox(recipient, box); // 16 bytes, a new secret
   * secrets.purge();
   * ```
   */
  unsealBox(keyPair: KeyPairInput, box: Uint8Array): SecretBuffer;
}
