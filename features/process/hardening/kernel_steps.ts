import { constants } from "node:os";
import { has } from "../../../core/arguments/own.ts";
import { process } from "../../../system/node_builtins.ts";
import { readText } from "../../../system/read_text.ts";
import { runSystemProgram } from "../../../system/system_program.ts";
import { done, type HardeningStep, notDone, unseen } from "./hardening.ts";
import type { ProcessCalls } from "./process_calls.ts";

/** The calls, or why there are none. */
export type Access = ProcessCalls | { readonly reason: string };

/**
 * No core file: by setrlimit(2), and without FFI by prlimit(1) of util-linux. A limit that the process
 * was started with counts as well: what the kernel shows decides, not who set it.
 */
export function limitCore(access: Access): HardeningStep {
  const refusal = limit(access);
  const line = lineOf("/proc/self/limits", "Max core file size");
  if (line === null) return refusal === null ? unseen(UNREAD) : notDone(`${refusal}; ${UNREAD}`);
  // core(5): the limit is not enforced for dumps that are piped to a program.
  if (lineOf("/proc/sys/kernel/core_pattern", "|") !== null) {
    return notDone(`${line}; but core dumps go to a program, which no limit holds off`);
  }
  if (/ 0 +0 +bytes/.test(line)) return done(line);
  return notDone(refusal === null ? line : `${line}; ${refusal}`);
}

/** In the evidence of a step that may have been done, and that nobody can see. */
export const UNREADABLE = "cannot be read";
const UNREAD: string = `/proc/self/limits ${UNREADABLE}`;

/** @returns why it did not work, or null */
function limit(access: Access): string | null {
  if (!has(access, "reason"))
    return access.forbidCoreFiles() ? null : `setrlimit was refused${access.refusal}`;
  const refusal = limitByProgram();
  return refusal === null ? null : `${access.reason}; ${refusal}`;
}

/** In the evidence of `not-dumpable`, in a process without FFI alone. */
export const TAKES_FFI = "prctl(2) takes FFI";

/** Nobody of the same user attaches to this process or reads its memory. */
export function forbidDumps(access: Access): HardeningStep {
  if (has(access, "reason")) return notDone(`${access.reason}; ${TAKES_FFI}`);
  const value = access.forbidDumps();
  return value === 0
    ? done("PR_GET_DUMPABLE is 0")
    : notDone(`PR_GET_DUMPABLE is ${value}${access.refusal}`);
}

/** Of the calling thread and of what it starts from now on. Without FFI it may have been inherited. */
export function forbidNewPrivileges(access: Access): HardeningStep {
  if (has(access, "reason")) {
    const path = "/proc/thread-self/status";
    const line = lineOf(path, "NoNewPrivs:");
    if (line !== null && /\s1$/.test(line)) return done(`it was started so: ${line}`);
    const seen = line ?? `${path} ${UNREADABLE}`;
    return notDone(`${seen}; ${access.reason}; start it with setpriv --no-new-privs instead`);
  }
  const value = access.forbidNewPrivileges();
  return value === 1
    ? done("PR_GET_NO_NEW_PRIVS is 1")
    : notDone(`PR_GET_NO_NEW_PRIVS is ${value}${access.refusal}`);
}

/** What the kernel sends when the parent's thread ends. */
export type ParentSignal = "SIGKILL" | "SIGCONT";

/**
 * A signal when the parent's thread ends. A parent that had ended before is noticed by its number:
 * `parent` is what the caller knows it to be.
 */
export function dieWithParent(
  access: Access,
  parent: number | undefined,
  signal: ParentSignal = "SIGKILL",
): HardeningStep {
  if (has(access, "reason")) {
    const name = signal.slice(3);
    return notDone(`${access.reason}; start it with setpriv --pdeathsig ${name} instead`);
  }
  const number = constants.signals[signal];
  const value = access.dieWithParent(number);
  if (value !== number) return notDone(`PR_GET_PDEATHSIG is ${value}${access.refusal}`);
  if (parent !== undefined && process.ppid !== parent) {
    return notDone(`the parent ${parent} has ended already: it is ${process.ppid} now`);
  }
  return done(`PR_GET_PDEATHSIG is ${number}, ${signal}`);
}

/** @returns why it did not work, or null */
function limitByProgram(): string | null {
  const parameters = ["--pid", String(process.pid), "--core=0:0"];
  const { status, reason } = runSystemProgram("prlimit", parameters);
  return status === 0 ? null : `prlimit(1): ${reason || `status ${status}`}; use ulimit -c 0`;
}

function lineOf(path: string, start: string): string | null {
  try {
    const lines = readText(path).split("\n");
    const line = lines.find((one) => one.startsWith(start));
    return line?.trim().replaceAll(/\s+/g, " ") ?? null;
  } catch {
    return null;
  }
}
