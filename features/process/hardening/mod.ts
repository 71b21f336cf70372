/**
 * Makes a process harder to look into, one verified step at a time.
 *
 * @module
 */
export {
  type HardeningOptions,
  type HardenProcess,
  processHardener,
} from "./harden_process.ts";
export {
  done,
  type Hardening,
  type HardeningName,
  type HardeningStep,
  notDone,
  notNeeded,
  unseen,
} from "./hardening.ts";
export {
  type Access,
  dieWithParent,
  forbidDumps,
  forbidNewPrivileges,
  limitCore,
  type ParentSignal,
  TAKES_FFI,
  UNREADABLE,
} from "./kernel_steps.ts";
export { ProcessCalls } from "./process_calls.ts";
export { refuseInspector, refuseReports, refuseSnapshots } from "./runtime_steps.ts";
