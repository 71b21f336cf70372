import {
  BunSecretsSource,
  kernelKeyringOpener,
  type OpenKernelKeyring,
  type OpenSecretService,
  secretServiceOpener,
} from "../../features/keyrings/mod.ts";
import type { SecretSource } from "../../features/sources/types.ts";
import { bunFfi } from "./ffi.ts";
import { openExecSource } from "./sources.ts";

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
export const openKernelKeyring: OpenKernelKeyring = kernelKeyringOpener(bunFfi);

/**
 * Opens the Secret Service of the session as a source: GNOME Keyring, KWallet, KeePassXC; see docs/keyrings.md.
 *
 * @throws {TypeError} for a wrong option
 * @throws {LetheError} `ERR_LETHE_SOURCE_UNAVAILABLE` where libsecret was asked for and does not open
 *
 * @example
 * ```ts
 * import { openSecretService } from "lethe/keyrings";
 *
 * const keyring = openSecretService();
 * keyring.way; // libsecret, or secret-tool
 * ```
 */
export const openSecretService: OpenSecretService = secretServiceOpener(bunFfi, openExecSource);

/**
 * Opens `Bun.secrets` as a source. The reference is a service and a name: `example.org/token`. It leaves copies,
 * because Bun gives a string: its `residue` says so. It never throws.
 *
 * @example
 * ```ts
 * import { openBunSecrets } from "lethe/bun";
 *
 * openBunSecrets().residue.length; // 2
 * ```
 */
export function openBunSecrets(): SecretSource {
  return new BunSecretsSource();
}
