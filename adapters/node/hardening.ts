import { type HardenProcess, processHardener } from "../hardening/mod.ts";
import { nodeFfi } from "./ffi.ts";

/**
 * Makes this process harder to look into; see docs/shutdown.md. Before Node 26.1, which has no FFI, only some of the steps can be done.
 *
 * @example
 * ```ts
 * import { hardenProcess } from "lethe";
 *
 * const hardening = hardenProcess({ require: ["core-limit"] });
 * hardening["not-dumpable"]; // { outcome, verified, evidence }
 * ```
 */
export const hardenProcess: HardenProcess = processHardener("node", nodeFfi);
