import type { ReadonlyBytes, SecretBuffer } from "../../../core/mod.ts";
import type { CustodianReport, CustodianStatus } from "../report.ts";
import type { SecretPolicy } from "../vault/policy.ts";

/** How a custodian's process ended. */
export interface CustodianEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A new random secret. A key of 32 bytes unless said otherwise. */
export interface GenerateOptions extends SecretPolicy {
  /** Of a `key`: 1 to 65,536. */
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

/** Costs of Argon2id: passes 1 to 16; memoryBytes a multiple of 1024 from 8192 to 2^28. */
export interface PasswordCost {
  readonly passes: number;
  readonly memoryBytes: number;
}

/** What is stored of a password, and is no secret in itself. */
export interface PasswordHash extends PasswordCost {
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

/**
 * A process of its own that holds secrets, so that this one need not.
 *
 * - K1: a secret crosses between the processes only sealed, and is opened only into secret memory
 * - K2: in the custodian it is sealed at rest, and opened for one use at a time
 * - K3: one that may not leave never does; what a policy refuses is `ERR_LETHE_POLICY`
 * - K4: when the custodian ends, by whatever, every call that waits is rejected at once
 *
 * Names are labels of 1 to 256 bytes of UTF-8, compared in normal form C, and no secrets. Half a surrogate
 * pair is refused; control characters are not, and are escaped in errors. No secrets are the data that is
 * signed, authenticated or derived with. Any number of calls can be under way; none sees another's buffer.
 *
 * Every method rejects with `ERR_LETHE_CUSTODIAN` once the custodian has ended, with
 * `ERR_LETHE_CHANNEL` when something came from it that an honest custodian does not send, and with
 * `ERR_LETHE_NAME` for a name that is unknown, taken, or of a secret of another type.
 */
export interface Custodian extends AsyncDisposable {
  readonly pid: number;
  /** What is true of its process. */
  readonly report: CustodianReport;
  /** Fulfilled when the process has ended. */
  readonly ended: Promise<CustodianEnd>;
  /** Asks the person at the terminal; this process never sees what is typed. */
  prompt(name: string, text: string, options?: CustodianPrompt): Promise<void>;
  /** Brings a secret in, and destroys it here once the custodian has it. After an error it is whole. */
  put(name: string, secret: SecretBuffer, policy?: SecretPolicy): Promise<void>;
  /**
   * Makes a random key there, or an Ed25519 key pair.
   *
   * @returns the public key of a pair, 32 bytes; null for a key
   */
  generate(
    name: string,
    type: "key" | "ed25519",
    options?: GenerateOptions,
  ): Promise<Uint8Array | null>;
  /**
   * Brings a secret out for one call. It arrives sealed, is opened into secret memory of this process
   * and is wiped there when `use` has returned, thrown or settled. It takes `mayLeave`.
   *
   * @param use gets the bytes; a view that escapes is empty
   */
  expose<T>(name: string, use: (bytes: ReadonlyBytes) => T): Promise<Awaited<T>>;
  /** An Ed25519 signature of up to 65,536 bytes, by an `ed25519` secret. */
  sign(name: string, data: Uint8Array): Promise<Uint8Array>;
  /** HMAC of up to 65,536 bytes. */
  hmac(name: string, data: Uint8Array, hash?: "sha256" | "sha512"): Promise<Uint8Array>;
  /** XChaCha20-Poly1305 under a key of 32 bytes: nonce, ciphertext and tag of `secret`, which stays. */
  encrypt(name: string, secret: SecretBuffer, additional?: Uint8Array): Promise<Uint8Array>;
  /** The reverse, into a secret of this process that the caller destroys. */
  decrypt(name: string, sealed: Uint8Array, additional?: Uint8Array): Promise<SecretBuffer>;
  /** A new key there: BLAKE2b of `context`, keyed with the secret `name`; 16 to 64 bytes, or 32. */
  derive(name: string, as: string, context: Uint8Array, options?: GenerateOptions): Promise<void>;
  /** Compares with a secret of this process, or with another one there, in constant time. */
  equals(name: string, other: SecretBuffer | string): Promise<boolean>;
  /** Argon2id of a `password` or `key`, with a fresh salt. It blocks the custodian meanwhile. */
  hashPassword(name: string, cost: PasswordCost): Promise<PasswordHash>;
  /** Whether the secret is the one of `hash`. */
  verifyPassword(name: string, hash: PasswordHash): Promise<boolean>;
  delete(name: string): Promise<void>;
  status(options?: StatusOptions): Promise<CustodianStatus>;
  /**
   * Asks the custodian to wipe everything and end, waits for it (5 s unless said otherwise), and kills
   * it then. Calls that wait are rejected. Idempotent.
   *
   * @returns how it ended: code 0 when it did so by itself
   */
  close(): Promise<CustodianEnd>;
}
