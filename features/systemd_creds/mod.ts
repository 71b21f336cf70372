/**
 * Keys of this machine, by `systemd-creds`: what is sealed to the host's key or to its TPM opens on this machine alone.
 *
 * @module
 */
import type { ProgramPipes } from "../programs/mod.ts";
import { SystemdCredsKey } from "./systemd_creds_wrapper.ts";
import type { UseSystemdCreds } from "./types.ts";

export type { SystemdCredsOptions, SystemdKey, UseSystemdCreds } from "./types.ts";

/** {@link UseSystemdCreds} over the pipes of a runtime, opened when they are first needed. */
export function systemdCredsOver(openPipes: () => ProgramPipes): UseSystemdCreds {
  return (secrets, options) => new SystemdCredsKey(secrets, openPipes, options);
}
