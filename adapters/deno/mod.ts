/**
 * Lethe on Deno 2.
 *
 * @module
 */
export * from "../../core/mod.ts";
export type * from "../entry/types.ts";
export { wipeOnExit } from "../shutdown/wipe_on_exit.ts";
export { openCustodian } from "./custodian.ts";
export { hardenProcess } from "./hardening.ts";
export { openKeyFiles } from "./key_files.ts";
export { promptSecret } from "./prompt.ts";
export { openCrypto, openSecrets, runtime } from "./runtime.ts";
