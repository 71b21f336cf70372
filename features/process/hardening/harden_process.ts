import { wrongType } from "../../../core/arguments/argument_error.ts";
import { readOptions } from "../../../core/arguments/options.ts";
import { bare } from "../../../core/arguments/own.ts";
import { LetheError } from "../../../core/contract/errors.ts";
import type { Ffi } from "../../../memories/pages/mod.ts";
import { type Hardening, type HardeningName, type HardeningStep, notDone } from "./hardening.ts";
import {
  type Access,
  dieWithParent,
  forbidDumps,
  forbidNewPrivileges,
  limitCore,
  type ParentSignal,
} from "./kernel_steps.ts";
import { ProcessCalls } from "./process_calls.ts";
import { refuseInspector, refuseReports, refuseSnapshots } from "./runtime_steps.ts";

/** How far to harden. */
export interface HardeningOptions {
  /**
   * Ends this process by SIGKILL when the thread that started it ends: for a child that must not
   * outlive its parent. A number is the parent's process id, as the parent passed it to the child, so that a
   * parent which had ended before is noticed. Default: false.
   */
  readonly diesWithParent?: boolean | number;
  /**
   * `"SIGCONT"` only wakes this process then, should it be stopped: for a child that notices the end
   * of its parent by itself, as by a channel that closes, and has something to wipe first. One that
   * hangs does not end by it. Default: `"SIGKILL"`, which leaves no time to wipe.
   */
  readonly parentSignal?: ParentSignal;
  /** Steps that have to be done or not be needed; else it throws. Default: none. */
  readonly require?: readonly HardeningName[];
}

/**
 * Makes the memory of this process harder to read, and says what was done and what was not, each step read
 * back. It is done for good: nothing of it can be taken back.
 *
 * It does not hold off root, and no code of the same process. Open secrets first: a process that is
 * not dumpable cannot open its `/proc/self/mem`, which a memory reads once when it is opened to
 * attest that it is hidden.
 *
 * @throws {TypeError} for options that are wrong, before any step is taken
 * @throws {LetheError} `ERR_LETHE_HARDENING` when a required step is not done; the others are
 */
export type HardenProcess = (options?: HardeningOptions) => Hardening;

/** The `hardenProcess` of a runtime. */
export function processHardener(runtime: string, ffi: () => Ffi): HardenProcess {
  return function hardenProcess(options) {
    const { diesWithParent = false, parentSignal = "SIGKILL", require = [] } = checked(options);
    const access = open(ffi);
    const steps: Partial<Record<HardeningName, HardeningStep>> = {
      "core-limit": attempt(() => limitCore(access)),
      "no-inspector": attempt(() => refuseInspector(runtime)),
      "no-snapshot-signal": attempt(() => refuseSnapshots(runtime)),
      "no-report": attempt(refuseReports),
      "no-new-privileges": attempt(() => forbidNewPrivileges(access)),
    };
    if (diesWithParent !== false) {
      const parent = diesWithParent === true ? undefined : diesWithParent;
      steps["dies-with-parent"] = attempt(() => dieWithParent(access, parent, parentSignal));
    }
    // Last: from here on the process cannot read all of its own /proc.
    steps["not-dumpable"] = attempt(() => forbidDumps(access));
    refuse(steps, require);
    return Object.freeze(steps);
  };
}

function checked(options: HardeningOptions | undefined): HardeningOptions {
  const own = readOptions(options, "harden process", KEYS);
  const { parentSignal = "SIGKILL", diesWithParent = false } = own;
  if (parentSignal !== "SIGKILL" && parentSignal !== "SIGCONT") {
    throw wrongType('Cannot harden process as parentSignal must be "SIGKILL" or "SIGCONT"');
  }
  const require = checkRequire(own.require ?? [], diesWithParent !== false);
  return bare({ ...own, require });
}

/** A copy: what was checked is what is required. */
function checkRequire(given: unknown, diesWithParent: boolean): readonly HardeningName[] {
  const required = Array.isArray(given) ? [...given] : null;
  if (required?.every((name) => NAMES.includes(name)) !== true) {
    throw wrongType(
      `Cannot harden process as require must be an array of steps: each is one of ${NAMES.join(", ")}`,
    );
  }
  if (diesWithParent || !required.includes("dies-with-parent")) return required;
  throw wrongType(
    "Cannot harden process as require names dies-with-parent, which is not asked for: pass diesWithParent as well",
  );
}

const NAMES: readonly HardeningName[] = [
  "core-limit",
  "not-dumpable",
  "no-new-privileges",
  "dies-with-parent",
  "no-inspector",
  "no-snapshot-signal",
  "no-report",
];

const KEYS = ["diesWithParent", "parentSignal", "require"] as const;

/** A runtime that refuses a step must not keep the others undone. */
function attempt(step: () => HardeningStep): HardeningStep {
  try {
    return step();
  } catch (error) {
    return notDone(error instanceof Error ? error.message : "the runtime refused");
  }
}

function open(ffi: () => Ffi): Access {
  try {
    return new ProcessCalls(ffi());
  } catch (error) {
    return { reason: error instanceof Error ? error.message : "there is no FFI" };
  }
}

function refuse(steps: Hardening, require: readonly HardeningName[]): void {
  const missing = require.filter((name) => (steps[name]?.outcome ?? "not-done") === "not-done");
  if (missing.length === 0) return;
  const reasons = missing.map((name) => `${name}: ${steps[name]?.evidence}`);
  throw new LetheError("ERR_LETHE_HARDENING", `Cannot harden process: ${reasons.join("; ")}`);
}
