/**
 * The types of what a process does for its secrets, which compile without those of Node.js.
 *
 * @module
 */
export type { HardeningOptions, HardenProcess } from "./hardening/harden_process.ts";
export type { Hardening, HardeningName, HardeningStep } from "./hardening/hardening.ts";
export type { ParentSignal } from "./hardening/kernel_steps.ts";
export type { WipeOnExit, WipeOnExitOptions } from "./shutdown/wipe_on_exit.ts";
