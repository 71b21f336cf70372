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

/** Opens a keyring of the Linux kernel as a source, as {@link OpenKernelKeyring} says. */
export const openKernelKeyring: OpenKernelKeyring = kernelKeyringOpener(bunFfi);

/** Opens the session's Secret Service as a source, as {@link OpenSecretService} says. */
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
