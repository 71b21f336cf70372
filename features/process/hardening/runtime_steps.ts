import { optional } from "../../../core/arguments/own.ts";
import { builtin, process } from "../../../system/node_builtins.ts";
import { isPermitted } from "../../../system/permitted.ts";
import { done, type HardeningStep, notDone, notNeeded } from "./hardening.ts";

interface Inspector {
  url(): string | undefined;
  close(): void;
}

/**
 * Closes the inspector and takes SIGUSR1, with which anyone of the same user makes Node open it.
 * What the application itself opens later is not prevented; `--permission` of Node does that.
 */
export function refuseInspector(runtime: string): HardeningStep {
  if (!isPermitted({ name: "sys", kind: "inspector" })) {
    return notDone("whether an inspector is open takes --allow-sys=inspector");
  }
  const inspector = builtin<Inspector>("node:inspector");
  if (inspector?.url() !== undefined) inspector.close();
  const url = inspector?.url();
  if (url !== undefined) return notDone("the inspector is still open");
  if (runtime !== "node") return done("no inspector is open, and no signal opens one");
  listen("SIGUSR1");
  return process.listeners("SIGUSR1").includes(ignore)
    ? done("no inspector is open, and SIGUSR1 is taken")
    : notDone("SIGUSR1 could not be taken");
}

/** Takes the signal of `--heapsnapshot-signal` away from Node. */
export function refuseSnapshots(runtime: string): HardeningStep {
  if (runtime !== "node") return notNeeded(`${runtime} has no signal for heap snapshots`);
  const near = optionOf("--heapsnapshot-near-heap-limit");
  if (near !== null) {
    return notDone(`Node was started with ${near}, which cannot be taken back`);
  }
  const option = optionOf("--heapsnapshot-signal");
  if (option === null) return notNeeded("Node was started without --heapsnapshot-signal");
  const signal = option.split("=")[1] as NodeJS.Signals;
  listen(signal);
  for (const listener of process.listeners(signal)) {
    if (listener.name === SNAPSHOT_LISTENER) {
      process.removeListener(signal, listener as () => void);
    }
  }
  const left = process.listeners(signal).some(({ name }) => name === SNAPSHOT_LISTENER);
  return left ? notDone(`${option} is still in force`) : done(`${option} was taken back`);
}

/** Turns off the reports of `--report-on-signal` and its like. */
export function refuseReports(): HardeningStep {
  const { report } = process as { report?: NodeJS.ProcessReport };
  if (report === undefined) return notNeeded("the runtime has no diagnostic reports");
  for (const key of REPORTS) {
    // Assigned only where it is on: Bun knows the names, and has no reports.
    if (report[key]) report[key] = false;
  }
  const left = REPORTS.filter((key) => report[key]);
  return left.length === 0 ? done(`${REPORTS.join(", ")} are off`) : notDone(`${left} stays on`);
}

const REPORTS = ["reportOnFatalError", "reportOnSignal", "reportOnUncaughtException"] as const;

/** Node's name for it, in lib/internal/process/pre_execution.js of Node 22 to 26. */
const SNAPSHOT_LISTENER = "doWriteHeapSnapshot";

/** One for the process, however often it is hardened. */
function ignore(): void {
  // Without a listener the default action would end the process, or open the inspector.
}

function listen(signal: NodeJS.Signals): void {
  if (!process.listeners(signal).includes(ignore)) process.on(signal, ignore);
}

/** An option of the command line or of NODE_OPTIONS as `--name=value`, or null. */
function optionOf(name: string): string | null {
  const fromEnvironment = (optional(process.env, "NODE_OPTIONS") ?? "").split(/\s+/);
  const words = [...process.execArgv, ...fromEnvironment];
  const at = words.findIndex((word) => word === name || word.startsWith(`${name}=`));
  if (at < 0) return null;
  const word = words[at] as string;
  return word === name ? `${name}=${words[at + 1] ?? ""}` : word;
}
