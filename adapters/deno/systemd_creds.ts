import { ffiPipes } from "../../features/programs/mod.ts";
import { systemdCredsOver, type UseSystemdCreds } from "../../features/systemd_creds/mod.ts";
import { denoFfi } from "./ffi.ts";
import { checkPermissions } from "./permissions.ts";

/**
 * Makes a wrapper of a key of this machine: the host's key of systemd, a key in its TPM, or both. Each call of it starts
 * `systemd-creds`, by its absolute path and without a shell, and ends it. The file key goes between secret memory and the pipes of the
 * program, and through no buffer of the runtime. What it seals opens on this machine alone: seal to another recipient as well.
 *
 * @throws {TypeError | RangeError} for wrong options
 * @throws {LetheError} `ERR_LETHE_WRAPPER` when there is no such program, or somebody else could change it; its calls fail
 * with the same code
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { openEnvelopes } from "lethe/envelopes";
 * import { useSystemdCreds } from "lethe/systemd-creds";
 *
 * const secrets = openSecrets();
 * try {
 *   const machine = useSystemdCreds(secrets, { name: "backup", key: "tpm2" });
 *   await openEnvelopes(secrets).seal(secrets.random(32), [machine]);
 * } catch {
 *   // there is no systemd-creds here, or no TPM
 * }
 * ```
 */
export const useSystemdCreds: UseSystemdCreds = systemdCredsOver(() => {
  checkPermissions("guarded", ["ffi"]);
  return ffiPipes(denoFfi());
});
