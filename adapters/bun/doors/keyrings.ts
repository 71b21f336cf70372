/**
 * Keyrings of the system as sources of secrets, on Bun.
 *
 * @module
 */
export type * from "../../../features/keyrings/types.ts";
export { openKernelKeyring, openSecretService } from "../keyrings.ts";
