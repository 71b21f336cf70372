import type { SecretBuffer } from "../../core/mod.ts";
import type { SecretSource } from "../sources/mod.ts";

/** Which keyring of the kernel, and which type of keys. */
export interface KernelKeyringOptions {
  /**
   * Where keys are, by the names of keyrings(7). `session` also finds what is linked to it, as the `user`
   * keyring is after most logins. Default: `session`.
   */
  readonly keyring?: "session" | "user" | "user-session" | "process";
  /** `user` holds up to 32,767 bytes; `big_key` up to 1 MiB, encrypted where it could be swapped. Default: `user`. */
  readonly type?: "user" | "big_key";
}

/** Secrets in a keyring of the Linux kernel. A reference is the description of a key. */
export interface KernelKeyring extends SecretSource {
  /**
   * Stores the bytes of `secret` under `reference`, in place of what was there. Readers get the old ones or
   * the new ones, whole.
   *
   * @param options `seconds` until it expires; by default it does not
   * @throws {RangeError} for more bytes than a key of this type holds
   * @throws {LetheError} `ERR_LETHE_SOURCE_DENIED`, `ERR_LETHE_SOURCE_FAILED` (a quota),
   * `ERR_LETHE_SOURCE_UNAVAILABLE`
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openKernelKeyring } from "lethe/keyrings";
   *
   * const keyring = openKernelKeyring({ keyring: "process" });
   * const token = openSecrets().random(32);
   * keyring.add("token", token);
   * token.destroy();
   * keyring.revoke("token");
   * ```
   */
  add(reference: string, secret: SecretBuffer, options?: { readonly seconds?: number }): void;
  /**
   * Lets what is there expire.
   *
   * @param seconds from now, 1 or more
   * @throws {LetheError} `ERR_LETHE_SOURCE_MISSING`, `ERR_LETHE_SOURCE_DENIED`
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openKernelKeyring } from "lethe/keyrings";
   *
   * const keyring = openKernelKeyring({ keyring: "process" });
   * const token = openSecrets().random(32);
   * keyring.add("token", token);
   * keyring.expire("token", 60); // seconds
   * token.destroy();
   * ```
   */
  expire(reference: string, seconds: number): void;
  /**
   * Ends what is there, for everybody who reads it from now on.
   *
   * @throws {LetheError} `ERR_LETHE_SOURCE_MISSING`, `ERR_LETHE_SOURCE_DENIED`
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openKernelKeyring } from "lethe/keyrings";
   *
   * const keyring = openKernelKeyring({ keyring: "process" });
   * const token = openSecrets().random(32);
   * keyring.add("token", token);
   * keyring.revoke("token");
   * token.destroy();
   * ```
   */
  revoke(reference: string): void;
}

/**
 * Opens a keyring of the Linux kernel as a source. Bytes go from the kernel straight into secret memory, and
 * back; see docs/keyrings.md.
 *
 * @throws {TypeError} for a wrong option; what is not there is an error of the first use
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { openKernelKeyring } from "lethe/keyrings";
 *
 * const secrets = openSecrets();
 * const keyring = openKernelKeyring({ keyring: "process" });
 * const token = secrets.random(32);
 * keyring.add("example token", token, { seconds: 60 });
 * token.destroy();
 * const record = await keyring.read("example token", { land: secrets.land.bind(secrets) });
 * record.field().byteLength; // 32
 * record.destroy();
 * keyring.revoke("example token");
 * ```
 */
export type OpenKernelKeyring = (options?: KernelKeyringOptions) => KernelKeyring;
