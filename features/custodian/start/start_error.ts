import { bare } from "../../../core/arguments/own.ts";
import { LetheError } from "../../../core/mod.ts";
import { NO_DESCRIPTORS } from "../../../system/no_descriptors.ts";
import { fs } from "../../../system/node_builtins.ts";
import { isPermitted } from "../../../system/permitted.ts";
import { readText } from "../../../system/read_text.ts";
import type { CustodianEnd } from "../client/custodian_options.ts";
import { meaningOf } from "../protocol/statuses.ts";

/** The error of a custodian that did not come to be: there was no secret in it. */
export function notStarted(reason: string): LetheError {
  return new LetheError("ERR_LETHE_CUSTODIAN", `Cannot start custodian: ${reason}`);
}

/** What the system said when it was asked to run `file`. */
export function notExecuted(file: string, code: string | undefined): LetheError {
  const isRefused = (code === "EPERM" || code === "ENOSYS") && isFiltered();
  const remedy = isRefused
    ? `; ${FILTERED} refuses calls that it does not allow`
    : code === "ENOENT"
      ? whatIsAbsent(file)
      : (REMEDIES[code ?? ""] ?? "");
  return notStarted(`${file} could not be executed (${code ?? "no reason was given"})${remedy}`);
}

/** A system says ENOENT of whatever it needs to run a file, and does not say of which. */
function whatIsAbsent(file: string): string {
  if (isThere(file) !== true) return "";
  if (isThere("/dev/null") === false)
    return "; there is no /dev/null, which its streams need: mount /dev";
  return "; it is there, and the interpreter or loader that it names is not";
}

/** Null where that may not be asked. */
function isThere(path: string): boolean | null {
  if (!isPermitted({ name: "read", path })) return null;
  try {
    return fs.statSync(path, bare({ throwIfNoEntry: false })) !== undefined;
  } catch {
    return null;
  }
}

const REMEDIES: Readonly<Record<string, string>> = bare({
  EACCES: "; it must be a file that this user may execute, on a file system without noexec",
  EAGAIN:
    "; this user has as many processes as it may: see ulimit -u and the pids limit of the cgroup",
  EMFILE: `; ${NO_DESCRIPTORS.EMFILE}`,
  ENFILE: `; ${NO_DESCRIPTORS.ENFILE}`,
  ENOMEM: "; there is no memory for one more process",
  EBADF: "; the option input has to be the number of an open descriptor",
  NotCapable:
    "; Deno was started without the permission for it, and for a library path it takes --allow-run without a list",
  ERR_ACCESS_DENIED: "; Node.js was started with --permission: add --allow-child-process",
});

/** What is known of a start that failed. */
export interface FailedStart {
  readonly file: string;
  readonly end: CustodianEnd;
  /** A line of its standard error, or null. */
  readonly line: string | null;
  /** How often the kernel had ended a process for want of memory before the start; null: not known. */
  readonly outOfMemory: number | null;
  /** Whether the application has a variable that the custodian does not get, and may lack. */
  readonly hasLibraryPath: boolean;
}

/** The error of a process that ended before it answered. */
export function endedEarly({
  file,
  end,
  line,
  outOfMemory,
  hasLibraryPath,
}: FailedStart): LetheError {
  const said = line === null ? "and said nothing" : `and said: ${line}`;
  const hints: string[] = [];
  if (end.signal === "SIGSYS" && isFiltered()) {
    hints.push(`${FILTERED} ends processes for calls that it does not allow`);
  }
  if (end.signal === "SIGKILL" && outOfMemory !== null && (outOfMemoryKills() ?? 0) > outOfMemory) {
    hints.push(
      "the kernel has killed a process because memory ran out since (oom_kill in /proc/vmstat)",
    );
  }
  if (hasLibraryPath && line !== null && LIBRARY.test(line)) {
    hints.push(
      "the library path of this process is not handed on: name its folders with the option libraryPath",
    );
  }
  if (line !== null && EVAL.test(line)) {
    hints.push(
      "its program was bundled as strings for eval, which a custodian forbids: with webpack set devtool to false",
    );
  }
  return notStarted(
    [`${file} ended before it answered (${spoken(end)}) ${said}`, ...hints].join("; "),
  );
}

/** `status 70, …` or `SIGKILL`. */
export function spoken({ code, signal }: CustodianEnd): string {
  if (signal !== null) return signal;
  if (code === null) return "how is not known";
  const meaning = meaningOf(code);
  return meaning === null ? `status ${code}` : `status ${code}, ${meaning}`;
}

/** `mode: "development"` of webpack makes such bundles. */
const EVAL = /^EvalError\b|Code generation from strings disallowed/;
const LIBRARY = /shared (?:librar|object)|symbol lookup|version `/;

/** Counted since the system started; null where it cannot be read. */
export function outOfMemoryKills(): number | null {
  const [, count] = /^oom_kill (\d+)$/m.exec(textOf("/proc/vmstat")) ?? [];
  return count === undefined ? null : Number(count);
}

const FILTERED = "a filter of system calls (seccomp) is in force here, which";

/** A child inherits the filter of its parent. */
function isFiltered(): boolean {
  return /^Seccomp:\s+2$/m.test(textOf("/proc/self/status"));
}

function textOf(path: string): string {
  try {
    return readText(path);
  } catch {
    return "";
  }
}
