import type { KeyWrapper } from "../../core/contract/key_wrapper.ts";
import type { Secrets } from "../../core/mod.ts";
import type { SecretInput } from "../../core/standard/standard.ts";

/** The hash of RSA-OAEP and of its mask. */
export type OaepHash = "sha256" | "sha1";

/** Which key of which token, and how to log in. */
export interface Pkcs11Options {
  /**
   * The key, as RFC 7512 has it: `pkcs11:token=backup;object=envelopes?module-path=/usr/lib/softhsm/libsofthsm2.so`. Public: a
   * URI with `pin-value` or `pin-source` is refused. `module-path` must be there, absolute, and the path of a file that only root and
   * this user can change.
   */
  readonly uri: string;
  /**
   * The user's PIN, as bytes (UTF-8). A `Uint8Array` is wiped once it was copied, and untouched on an error. Without it there is no
   * login: one can seal to the public key of the token, and open nothing.
   */
  readonly pin?: SecretInput;
  /**
   * The hash of RSA-OAEP. `sha1` is for tokens that know no other; what OAEP takes of a hash, SHA-1 still gives. An envelope says
   * which one it has. Default: `sha256`. A key of AES has none.
   */
  readonly hash?: OaepHash;
  /** Whether to log in although the token says that one more wrong PIN locks it. Default: false. */
  readonly spendLastTry?: boolean;
}

/** A key of a token, as a wrapper; `destroy` destroys the copy of its PIN. */
export interface Pkcs11Wrapper extends KeyWrapper, Disposable {
  /**
   * Destroys the copy of the PIN, and lets the module go (`C_Finalize`) when no other wrapper of this thread uses it. Repeating it
   * does nothing; it never throws.
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { usePkcs11 } from "lethe/pkcs11";
   *
   * const uri = "pkcs11:token=backup;object=envelopes?module-path=/usr/lib/softhsm/libsofthsm2.so";
   * try {
   *   usePkcs11(openSecrets(), { uri }).destroy();
   * } catch {
   *   // there is no such token here
   * }
   * ```
   */
  destroy(): void;
}

/** The type of {@link usePkcs11}. */
export type UsePkcs11 = (secrets: Secrets, options: Pkcs11Options) => Pkcs11Wrapper;
