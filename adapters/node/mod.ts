/**
 * Lethe on Node.js 22 and newer.
 *
 * @module
 */
export * from "../../core/mod.ts";
export * from "../../features/crypto/mod.ts";
export * from "../../features/enclave/mod.ts";
export { wipeOnExit } from "../../features/process/shutdown/wipe_on_exit.ts";
export type * from "../web/types.ts";
export { openCustodian } from "./custodian.ts";
export { hardenProcess } from "./hardening.ts";
export { openKeyFiles } from "./key_files.ts";
export { promptSecret } from "./prompt.ts";
export { openSecrets, runtime } from "./runtime.ts";
