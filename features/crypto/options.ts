import type { Argon2Cost } from "../../core/contract/cost.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { SecretInput, StandardSecretV1 } from "../../core/standard/standard.ts";

/** The hash of an HMAC or HKDF. */
export type HashName = "sha256" | "sha512";

/** What is authenticated beside the message, without being encrypted. Public. Default: nothing. */
export interface AeadOptions {
  /** Public bytes that are authenticated with the message and not stored in the result. Default: none. */
  readonly additional?: Uint8Array;
}

/** How many bytes a result has. */
export interface LengthOptions {
  /** 16 to 64. Default: 32. */
  readonly byteLength?: number;
}

/** The hash of an HMAC. */
export interface HmacOptions {
  /** Default: `"sha256"`. */
  readonly hash?: HashName;
}

/** The inputs of HKDF (RFC 5869) beside the secret. */
export interface HkdfOptions extends HmacOptions {
  /** A random value, which may be secret; without it, as many zeros as the hash has bytes. */
  readonly salt?: SecretInput;
  /** Public: what the key is for: it separates the keys that one secret gives. */
  readonly info?: Uint8Array;
  /** 1 to 255 times the hash: 8160 or 16,320. Default: 32. */
  readonly byteLength?: number;
}

/** What Argon2id costs, and how many bytes it gives. The cost has no default: measure on your machine. */
export interface Argon2idOptions extends Argon2Cost {
  /** 16 to 1024. Default: 32. */
  readonly byteLength?: number;
}

/** How a password is compared with its stored hash. */
export interface VerifyPasswordOptions {
  /**
   * The most that a stored hash may ask for: its memory, and the product of memory and passes. Default:
   * 16 passes over 256 MiB.
   */
  readonly mostCost?: Argon2Cost;
}

/** A public key to give away, and the secret that belongs to it, yours to destroy. */
export interface SecretKeyPair {
  /** 32 public bytes. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
  /** 64 bytes for Ed25519 (seed, then public key), 32 for X25519. */
  readonly secretKey: SecretBuffer;
}

/** A key pair whose secret may be another library's. */
export interface KeyPairInput {
  /** 32 public bytes. */
  readonly publicKey: Uint8Array;
  /** As in {@link SecretKeyPair}. */
  readonly secretKey: StandardSecretV1;
}
