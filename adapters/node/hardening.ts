import { processHardener } from "../../features/process/hardening/mod.ts";
import type { HardenProcess } from "../../features/process/types.ts";
import { anyFfi } from "./ffi.ts";

/**
 * Makes the memory of this process harder to read; see docs/shutdown.md. Without `koffi` only
 * some of the steps can be done before Node 26.1, whose own FFI prints a warning when it is loaded.
 *
 * @example
 * ```ts
 * import { hardenProcess } from "lethe/process";
 *
 * const hardening = hardenProcess({ require: ["core-limit"] });
 * hardening["not-dumpable"]; // { outcome, verified, evidence }
 * ```
 */
export const hardenProcess: HardenProcess = processHardener("node", anyFfi);
