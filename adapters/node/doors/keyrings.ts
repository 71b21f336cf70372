/**
 * Keyrings of the system as sources of secrets, on Node.js.
 *
 * @module
 */
export type * from "../../../features/keyrings/types.ts";
export { openKernelKeyring, openSecretService } from "../keyrings.ts";
