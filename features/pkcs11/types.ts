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

/** Which key of which token, and the process in which its module is loaded. */
export interface IsolatedPkcs11Options extends Pkcs11Options {
  /**
   * Variables of the process beside what it needs: the module's own, such as `SOFTHSM2_CONF`. No variable of this process passes by
   * itself. Those that steer a runtime or the loader of libraries are refused. Never a secret: others of the same user read it.
   */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * The most milliseconds that the process may take to answer one call. Then it is ended, with its module, and every call that waits fails.
   * Default: 120,000. Calls are sent one at a time: what a call waits for those before it does not count. `unwrap` makes one call for each
   * stanza of type `lethe/pkcs11`.
   */
  readonly timeout?: number;
  /** How long the start of the process may take, in milliseconds. Default: 30,000. */
  readonly startMilliseconds?: number;
  /** The runtime, as `openCustodian` takes it. Default: the one that runs this program. */
  readonly runtime?: string;
  /** The program, as `openCustodian` takes it: `lethe/custodian-program`, as it is or bundled. Default: the one beside this module. */
  readonly program?: string;
  /** Folders in which libraries of the runtime lie, as `openCustodian` takes them. */
  readonly libraryPath?: string;
}

/** A key of a token whose module is in a separate process; `destroy` ends that process. */
export interface IsolatedPkcs11Wrapper extends KeyWrapper, Disposable {
  /** The id of its process. */
  readonly pid: number;
  /**
   * Has the process log out, wipe and end, and kills it after two seconds. Repeating it does nothing; it never throws.
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openPkcs11 } from "lethe/pkcs11";
   *
   * const uri = "pkcs11:token=backup;object=envelopes?module-path=/usr/lib/softhsm/libsofthsm2.so";
   * try {
   *   (await openPkcs11(openSecrets(), { uri })).destroy();
   * } catch {
   *   // there is no such token here
   * }
   * ```
   */
  destroy(): void;
}

/** The type of {@link openPkcs11}. */
export type OpenPkcs11 = (
  secrets: Secrets,
  options: IsolatedPkcs11Options,
) => Promise<IsolatedPkcs11Wrapper>;

/** The type of {@link usePkcs11}. */
export type UsePkcs11 = (secrets: Secrets, options: Pkcs11Options) => Pkcs11Wrapper;
