import { processHardener } from "../../features/process/hardening/mod.ts";
import type { HardenProcess } from "../../features/process/types.ts";
import { denoFfi } from "./ffi.ts";

/**
 * Makes the memory of this process harder to read; see docs/shutdown.md. The steps of the kernel take `--allow-ffi`.
 *
 * @example
 * ```ts
 * import { hardenProcess } from "lethe/process";
 *
 * const hardening = hardenProcess({ require: ["core-limit"] });
 * hardening["not-dumpable"]; // { outcome, verified, evidence }
 * ```
 */
export const hardenProcess: HardenProcess = processHardener("deno", denoFfi);
