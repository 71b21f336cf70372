import type { AeadOptions } from "../../crypto/options.ts";
import type { KeyPairType, KeyPlace } from "../vault/key_pair_types.ts";
import type { SecretPolicy } from "../vault/policy.ts";

/** How a custodian's process ended. */
export interface CustodianEnd {
  /** Its exit status; null when a signal ended it. */
  readonly code: number | null;
  /** The signal that ended it; null when it exited. */
  readonly signal: string | null;
}

/** A new random key. */
export interface GenerateOptions extends SecretPolicy {
  /** 1 to 65,536. Default: 32. */
  readonly byteLength?: number;
}

/** A new key pair. */
export interface GenerateKeyPairOptions extends SecretPolicy {
  /** As {@link PutOptions.place}. */
  readonly place?: KeyPlace;
}

/** A secret that is brought in. */
export interface PutOptions extends SecretPolicy {
  /**
   * What it is. `key`: bytes, for everything that needs no pair. Of the others `secretKey` as {@link parseKey}
   * gives it: all but `x25519` sign, and `x25519`, `p256`, `p384` and `p521` agree. RSA keys have 2048 to 4096
   * bits. Default: `key`.
   */
  readonly type?: "key" | "x25519" | KeyPairType;
  /**
   * Where a key pair is kept. `vault`: sealed, and opened into guarded memory for each use. `secure heap`:
   * in OpenSSL's secure heap, which is verified by its growth, and again by its shrinking at the key's end. There OpenSSL
   * signs, agrees and decrypts, with EC and RSA keys many times as fast, and code in the custodian could read the key
   * at any time. It never leaves. Node only. Default: `vault`.
   */
  readonly place?: KeyPlace;
}

/** How a signature is made. */
export interface SignOptions {
  /** What an RSA key signs with. Default: `sha256`. The other types have a hash each. */
  readonly hash?: "sha256" | "sha384" | "sha512";
  /**
   * How an RSA key signs (RFC 8017): `pkcs1` is RSASSA-PKCS1-v1_5, as SSH and JOSE's RS256 have it; `pss` is
   * RSASSA-PSS with MGF1 over the same hash and a salt as long as that, as TLS 1.3 and JOSE's PS256 have it.
   * Default: `pkcs1`.
   */
  readonly padding?: "pkcs1" | "pss";
}

/** How something is decrypted. */
export interface DecryptOptions extends AeadOptions {
  /** The hash of OAEP with an RSA key, whose label is `additional`. Default: `sha256`. */
  readonly hash?: "sha256" | "sha384" | "sha512";
}

/** A key that is derived from another one. */
export interface DeriveOptions extends SecretPolicy {
  /** 16 to 64. Default: 32. */
  readonly byteLength?: number;
}

/** How a secret is asked for. */
export interface CustodianPrompt extends SecretPolicy {
  /** The most bytes of UTF-8: 1 to 65,536. Default: 4096. */
  readonly maxBytes?: number;
  /** One printable ASCII character shown for each that is typed. Default: nothing is shown. */
  readonly mask?: string;
  /**
   * Reads one line from standard input, or from `input` of the options, instead of the terminal.
   */
  readonly from?: "terminal" | "stdin" | "input";
  /** It is chosen now, and typed again later, as with `promptSecret`. Default: false. */
  readonly isNew?: boolean;
}

/** How much a status tells. */
export interface StatusOptions {
  /** How many secrets it names, the first that came first: 0 to 100,000. Default: 100. */
  readonly most?: number;
}
