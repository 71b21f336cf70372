/**
 * What a process on Deno does for its secrets: it wipes them when it ends, and hardens itself.
 *
 * @module
 */
export { wipeOnExit } from "../../../features/process/shutdown/wipe_on_exit.ts";
export type * from "../../../features/process/types.ts";
export { hardenProcess } from "../hardening.ts";
