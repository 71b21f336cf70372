/**
 * A step of hardening.
 *
 * - `core-limit`: the process writes no core file (RLIMIT_CORE is 0)
 * - `not-dumpable`: other processes of the same user can neither attach a debugger nor read
 *   `/proc/PID/mem`; no core file either (`PR_SET_DUMPABLE`, prctl(2))
 * - `no-new-privileges`: nothing that this thread starts gains privileges (`PR_SET_NO_NEW_PRIVS`)
 * - `dies-with-parent`: SIGKILL when the thread that started this process ends (`PR_SET_PDEATHSIG`);
 *   or SIGCONT, for one that notices by itself unless it is stopped
 * - `no-inspector`: no debugger of the runtime listens, and SIGUSR1 does not start one
 * - `no-snapshot-signal`: no signal makes the runtime write a heap snapshot
 * - `no-report`: the runtime writes no diagnostic report by itself
 */
export type HardeningName =
  | "core-limit"
  | "not-dumpable"
  | "no-new-privileges"
  | "dies-with-parent"
  | "no-inspector"
  | "no-snapshot-signal"
  | "no-report";

/**
 * What became of a step.
 *
 * - `done`: and read back, if `verified`
 * - `not-needed`: this runtime has no such thing
 * - `not-done`: `evidence` says why
 */
export interface HardeningStep {
  /** See {@link HardeningStep}. */
  readonly outcome: "done" | "not-needed" | "not-done";
  /** Whether the effect was read back. */
  readonly verified: boolean;
  /** What was read back, or the reason. */
  readonly evidence: string;
}

/** The steps that were asked for, by name. */
export type Hardening = Readonly<Partial<Record<HardeningName, HardeningStep>>>;

/** Done, and seen afterwards in `evidence`. */
export function done(evidence: string): HardeningStep {
  return Object.freeze({ outcome: "done", verified: true, evidence });
}

/** Asked for without an error, and not seen afterwards. */
export function unseen(reason: string): HardeningStep {
  return Object.freeze({ outcome: "done", verified: false, evidence: reason });
}

/** There is nothing to do. */
export function notNeeded(reason: string): HardeningStep {
  return Object.freeze({ outcome: "not-needed", verified: true, evidence: reason });
}

/** Refused, or no way to do it here. */
export function notDone(reason: string): HardeningStep {
  return Object.freeze({ outcome: "not-done", verified: false, evidence: reason });
}
