import type { ChildProcess } from "node:child_process";
import { isInForeground, isWaitedForByShell, stateOf } from "./process_state.ts";

/** Signals that are passed on to the command, each time that they come. */
const FORWARDED = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGCONT"] as const;
/** Those that a terminal sends to the command as well. */
const KEYS = ["SIGINT", "SIGQUIT"] as const;
/** A stopped command would get these only when it is continued: as a shell does for its jobs, it is. */
const ENDING: readonly NodeJS.Signals[] = ["SIGTERM", "SIGHUP"];

/** By its number: Deno's `kill` of a child knows no SIGCONT. */
export function send(child: ChildProcess | null, signal: NodeJS.Signals): void {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(child.pid, signal);
  } catch {
    // It has just ended, or it has another user's rights by now.
  }
}

/** The command and this process as one job: what happens to one of them happens to the other. */
export interface Job {
  follow(child: ChildProcess): void;
  end(): void;
}

/**
 * Takes the signals of this process from now on. With /proc a stop is passed on in both ways: Ctrl-Z or
 * SIGTSTP to the command, and the stop of the command to the shell that waits for this process.
 */
export function listenFor(): Job {
  let child: ChildProcess | null = null;
  const isStopped = (): boolean => stateOf(child?.pid ?? 0)?.state === "T";
  const pass = (signal: NodeJS.Signals): void => {
    send(child, signal);
    if (ENDING.includes(signal) && isStopped()) send(child, "SIGCONT");
  };
  const passUnlessTyped = (signal: NodeJS.Signals): void => {
    if (!isInForeground()) pass(signal);
  };
  // After every signal that came with it: SIGCHLD overtakes the SIGTSTP of Ctrl-Z, which is told from
  // one of kill(1) by the foreground that this job has until it stops.
  const stopToo = (): void => void setImmediate(stopIfStopped);
  const stopIfStopped = (): void => {
    if (isStopped() && isWaitedForByShell()) process.kill(process.pid, "SIGSTOP");
  };
  const canSeeStops = stateOf(process.pid) !== null;
  const listeners: (readonly [NodeJS.Signals, (signal: NodeJS.Signals) => void])[] = [
    ...FORWARDED.map((signal) => [signal, pass] as const),
    ...KEYS.map((signal) => [signal, passUnlessTyped] as const),
    ...(canSeeStops ? [["SIGTSTP", passUnlessTyped] as const, ["SIGCHLD", stopToo] as const] : []),
  ];
  for (const [signal, listener] of listeners) process.on(signal, listener);
  return {
    follow(started) {
      child = started;
    },
    end() {
      for (const [signal, listener] of listeners) process.removeListener(signal, listener);
    },
  };
}
