import { readFileSync } from "node:fs";
import { isatty } from "node:tty";

/** What the kernel says of a process, proc_pid_stat(5). */
interface ProcessState {
  /** `R`, `S`, `T` of a stopped one ... */
  readonly state: string;
  readonly group: string;
  readonly session: string;
  /** The group that the terminal sends its keys' signals to; -1 without a terminal. */
  readonly foreground: string;
}

/** @returns null without /proc, or when there is no such process */
export function stateOf(pid: number): ProcessState | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const [state = "", , group = "", session = "", , foreground = ""] = fields;
    return { state, group, session, foreground };
  } catch {
    return null;
  }
}

/**
 * Whether this is the job that a terminal sends its keys' signals to, the command among them. A signal
 * that is sent by kill(1) then cannot be told from a key.
 */
export function isInForeground(): boolean {
  const own = stateOf(process.pid);
  return own === null ? isatty(0) : own.group === own.foreground;
}

/** Whether a shell waits for this job, which takes the terminal back when the job stops. */
export function isWaitedForByShell(): boolean {
  const own = stateOf(process.pid);
  return own !== null && own.group === own.foreground && own.session !== String(process.pid);
}
