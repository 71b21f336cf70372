import { process } from "../../../system/node_builtins.ts";
import { findSystemProgram, runSystemProgram } from "../../../system/system_program.ts";
import {
  type HardeningName,
  type HardeningStep,
  TAKES_FFI,
  UNREADABLE,
  unseen,
} from "../../process/hardening/mod.ts";
import type { CustodianReport } from "../report.ts";
import type { CustodianCommand } from "./command.ts";

/** A step of hardening that a helper of util-linux does before it becomes the next program. */
interface LaunchStep {
  readonly step: HardeningName;
  readonly helper: "prlimit" | "setpriv";
  readonly flags: readonly string[];
}

const STEPS: readonly LaunchStep[] = [
  { step: "core-limit", helper: "prlimit", flags: ["--core=0:0"] },
  { step: "no-new-privileges", helper: "setpriv", flags: ["--no-new-privs"] },
  { step: "dies-with-parent", helper: "setpriv", flags: ["--pdeathsig", "CONT"] },
];

/** What each helper does when it has nothing to start: it shows how things are, and ends. */
const SHOWS: Readonly<Record<LaunchStep["helper"], readonly string[]>> = {
  prlimit: ["--core"],
  setpriv: ["--dump"],
};

/** Which of the steps can be done here. */
interface Launcher {
  readonly steps: readonly LaunchStep[];
  readonly prefix: readonly string[];
  /** Why a step is left out. */
  readonly reasons: ReadonlyMap<HardeningName, string>;
}

/** What works stays so, and is tried once in a process; what does not may have been for want of a process. */
let complete: Launcher | undefined;

/**
 * The same command, started so that the kernel does what a runtime without FFI cannot ask it for: no
 * core file, no new privileges, SIGCONT when its parent ends, so that it never sleeps through that. Each
 * program replaces the one before, so that the process stays the same.
 *
 * Each step was tried before. One that does not work here is left out, and the report says why.
 * Elsewhere than on Linux it is the command itself.
 */
export function launched(command: CustodianCommand): CustodianCommand {
  if (process.platform !== "linux") return command;
  const { prefix, steps, reasons } = complete ?? tried();
  const [file = "", ...parameters] = [...prefix, command.file, ...command.parameters];
  return {
    ...command,
    file,
    parameters,
    runtime: command.file,
    complete: (report) => completed(report, steps, reasons),
  };
}

function tried(): Launcher {
  const reasons = new Map<HardeningName, string>();
  const whole = prefixOf(STEPS, reasons);
  if (reasons.size === 0 && refusal(STEPS, whole) === null) {
    complete = { steps: STEPS, prefix: whole, reasons };
    return complete;
  }
  const working = STEPS.filter((one) => {
    if (reasons.has(one.step)) return false;
    const reason = refusal([one], prefixOf([one], reasons));
    if (reason !== null) reasons.set(one.step, reason);
    return reason === null;
  });
  return { steps: working, prefix: prefixOf(working, reasons), reasons };
}

/** The helpers one behind the other. The reason goes to `reasons` where there is no helper. */
function prefixOf(
  steps: readonly LaunchStep[],
  reasons: Map<HardeningName, string>,
): readonly string[] {
  const words: string[] = [];
  let last = "";
  for (const { step, helper, flags } of steps) {
    const found = findSystemProgram(helper);
    if (found.path === null) {
      reasons.set(step, found.reason);
      continue;
    }
    words.push(...(helper === last ? [] : [found.path]), ...flags);
    last = helper;
  }
  return words;
}

/** Starts the last helper by way of all of them: @returns why that does not work, or null. */
function refusal(steps: readonly LaunchStep[], prefix: readonly string[]): string | null {
  const [first, last] = [steps.at(0)?.helper, steps.at(-1)?.helper];
  if (first === undefined || last === undefined) return null;
  const { path } = findSystemProgram(last);
  const words = [...prefix.slice(1), path ?? last, ...SHOWS[last]];
  const { status, reason } = runSystemProgram(first, words);
  return status === 0 ? null : `${first}(1): ${reason || `status ${status}`}`;
}

/** The report, with what the start alone knows. With FFI the custodian has tried each step itself. */
function completed(
  report: CustodianReport,
  steps: readonly LaunchStep[],
  reasons: Launcher["reasons"],
): CustodianReport {
  if (report.hardening["not-dumpable"]?.evidence.includes(TAKES_FFI) !== true) return report;
  const known: Partial<Record<HardeningName, HardeningStep>> = {};
  for (const { step, helper, flags } of STEPS) {
    const found = report.hardening[step];
    if (found?.outcome !== "not-done") continue;
    const reason = reasons.get(step);
    const isStarted = steps.some((one) => one.step === step);
    if (reason !== undefined) {
      const evidence = `${reason}, and this runtime has no FFI to do it itself`;
      known[step] = { ...found, evidence };
    } else if (isStarted && (step === "dies-with-parent" || found.evidence.includes(UNREADABLE))) {
      // The kernel shows the one to nobody without FFI, the others in /proc.
      known[step] = unseen(`started by ${helper} ${flags.join(" ")}`);
    }
  }
  return { ...report, hardening: { ...report.hardening, ...known } };
}
