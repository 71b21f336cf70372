import { processHardener } from "../../features/process/hardening/mod.ts";
import type { HardenProcess } from "../../features/process/types.ts";
import { bunFfi } from "./ffi.ts";

/**
 * Makes the memory of this process harder to read; see docs/shutdown.md.
 *
 * @example
 * ```ts
 * import { hardenProcess } from "lethe/process";
 *
 * const hardening = hardenProcess({ require: ["core-limit"] });
 * hardening["not-dumpable"]; // { outcome, verified, evidence }
 * ```
 */
export const hardenProcess: HardenProcess = processHardener("bun", bunFfi);
