/**
 * Keys of this machine, by systemd-creds, on Bun.
 *
 * @module
 */
export type * from "../../../features/systemd_creds/types.ts";
export { useSystemdCreds } from "../systemd_creds.ts";
