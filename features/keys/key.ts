import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { StandardSecretV1 } from "../../core/standard/standard.ts";
import type { SecretKeyPair } from "../crypto/options.ts";

/** What a key is for. `p256`, `p384` and `p521` are the NIST curves of ECDSA and ECDH. */
export type KeyType = "ed25519" | "x25519" | "p256" | "p384" | "p521" | "rsa";

/**
 * How a private key is written.
 *
 * - `pkcs8`, `pkcs8-pem`: PrivateKeyInfo (RFC 5208, RFC 5958), or encrypted (RFC 8018)
 * - `openssh`: OpenSSH's own form (PROTOCOL.key)
 * - `jwk`: JSON (RFC 7517, RFC 7518, RFC 8037)
 * - `seed`, `seed-with-public`: 32 bytes; for Ed25519 also 64, as libsodium has it
 * - `sec1`, `sec1-pem`, `pkcs1`, `pkcs1-pem`: the older forms of EC (RFC 5915) and RSA (RFC 8017) keys,
 *   which are read, and not written
 */
export type PrivateKeyFormat =
  | WritablePrivateKeyFormat
  | "sec1"
  | "sec1-pem"
  | "pkcs1"
  | "pkcs1-pem";

/** The forms that {@link formatKey} writes. */
export type WritablePrivateKeyFormat =
  | "pkcs8"
  | "pkcs8-pem"
  | "openssh"
  | "jwk"
  | "seed"
  | "seed-with-public";

/**
 * How a public key is written: SubjectPublicKeyInfo (RFC 5280, section 4.1), a line of OpenSSH, JSON, or
 * the 32 bytes of an Ed25519 or X25519 key.
 */
export type PublicKeyFormat = "spki" | "spki-pem" | "openssh" | "jwk" | "raw";

/** The forms that {@link parsePublicKey} reads. `pkcs1`: RSAPublicKey (RFC 8017, appendix A.1.1). */
export type ReadablePublicKeyFormat = PublicKeyFormat | "pkcs1" | "pkcs1-pem";

/** A public key. */
export interface PublicKey {
  /** The algorithm. */
  readonly type: KeyType;
  /** Size of the group or of the modulus: 256 for Ed25519, X25519 and P-256, 2048 for an RSA-2048 key. */
  readonly bits: number;
  /** The form that it was read from. */
  readonly format: ReadablePublicKeyFormat;
  /**
   * Ed25519 and X25519: 32 bytes. The others: the uncompressed point (SEC 1, section 2.3.3), 65, 97 or
   * 133 bytes. RSA: RSAPublicKey in DER (RFC 8017, appendix A.1.1).
   */
  readonly publicKey: Uint8Array<ArrayBuffer>;
  /** What stands beside the key: the comment of an OpenSSH line, the `kid` of a JWK. UTF-8; null: nothing. */
  readonly comment: Uint8Array<ArrayBuffer> | null;
}

/**
 * A private key, with the public one that belongs to it: that was computed from it, and is what the file
 * said, if the file said one.
 *
 * An Ed25519 or X25519 key is a {@link SecretKeyPair} as {@link SecretCrypto} takes it.
 */
export interface PrivateKey extends Omit<PublicKey, "format">, SecretKeyPair {
  /** The public half, checked against the private one. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
  /** The form that it was read from. */
  readonly format: PrivateKeyFormat;
  /** Whether it was encrypted under a passphrase. */
  readonly encrypted: boolean;
  /**
   * Yours to destroy. Ed25519: seed and public key, 64 bytes. X25519: 32 bytes. The others: the scalar,
   * big-endian, 32, 48 or 66 bytes. RSA: RSAPrivateKey in DER (RFC 8017, appendix A.1.2).
   */
  readonly secretKey: SecretBuffer;
}

/** The most that a file may ask for. A larger wish is refused before anything is computed. */
export interface MostKeyCost {
  /** Of PBKDF2. Default: 2,000,000, some 3 s with SHA-256. */
  readonly pbkdf2Iterations?: number;
  /** 128 * N * r of scrypt, in bytes. Default: 268,435,456, some 2 s. */
  readonly scryptMemoryBytes?: number;
  /** Of bcrypt_pbkdf, which `ssh-keygen -a` sets. Default: 256, some 5 s. */
  readonly bcryptRounds?: number;
}

/** How to read a private key. */
export interface ParseKeyOptions {
  /** For an encrypted key. With it, one that is not encrypted is refused. */
  readonly passphrase?: StandardSecretV1;
  /** Says that the bytes are the key itself: a seed of 32 bytes, or (Ed25519) seed and public key, 64. */
  readonly raw?: "ed25519" | "x25519";
  /** The `kid` of the key that is meant, as UTF-8, where a JWKS has several. */
  readonly keyId?: Uint8Array;
  /** The most that the derivation of an encrypted key may cost; a file that asks for more is refused. */
  readonly mostCost?: MostKeyCost;
}

/** How to write a private key. */
export interface FormatKeyOptions {
  /** The form to write. */
  readonly format: WritablePrivateKeyFormat;
  /** Encrypts `pkcs8`, `pkcs8-pem` and `openssh`. Without it the form holds the key in the clear. */
  readonly passphrase?: StandardSecretV1;
  /** For PKCS#8: how the passphrase becomes a key. Default: `pbkdf2` with HMAC-SHA-256. */
  readonly derivation?: "pbkdf2" | "scrypt";
  /**
   * For PKCS#8: `aes-256-cbc` (the default), `aes-128-cbc`, or `aes-256-gcm`, which OpenSSL does not read. For
   * OpenSSH: `aes256-ctr` (the default) or `chacha20-poly1305@openssh.com`.
   */
  readonly cipher?:
    | "aes-128-cbc"
    | "aes-256-cbc"
    | "aes-256-gcm"
    | "aes256-ctr"
    | "chacha20-poly1305@openssh.com";
  /**
   * Work of the derivation. PBKDF2: iterations, 1,000 to 2,000,000, by default 600,000. scrypt: N, a power
   * of 2 from 1,024 to 262,144, by default 16,384, the most that OpenSSL reads (with r = 8 and p = 1).
   * OpenSSH: rounds, 1 to 256, by default 24.
   */
  readonly cost?: number;
  /** What is written beside the key, in UTF-8: the comment of OpenSSH, the `kid` of a JWK. */
  readonly comment?: Uint8Array;
}

/** How to write a public key. */
export interface FormatPublicKeyOptions {
  /** The form to write. */
  readonly format: PublicKeyFormat;
  /** What is written beside the key, in UTF-8: the comment of OpenSSH, the `kid` of a JWK. */
  readonly comment?: Uint8Array;
}
