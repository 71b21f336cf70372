import { statSync } from "node:fs";
import { readProcText } from "./files.ts";
import { ForensicsError, systemCode } from "./forensics_error.ts";

/** What `/proc/PID/stat` says of a process or thread (proc_pid_stat(5)). */
export interface ProcessStatus {
  /** `R`, `S`, `T` (stopped), `t` (stopped by a tracer), `Z` (zombie), ... */
  readonly state: string;
  /** In clock ticks since boot: with the id, it tells one process from a later one. */
  readonly startTime: string;
}

/** The status of process `pid`, or of its thread `thread`. @throws {ForensicsError} `ERR_FORENSICS_GONE` */
export function processStatus(pid: number, thread?: string): ProcessStatus {
  const path = thread === undefined ? `/proc/${pid}/stat` : `/proc/${pid}/task/${thread}/stat`;
  const text = attempt(pid, "read the status of", () => readProcText(path));
  // The second field is the name in brackets and may itself hold brackets and blanks.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", startTime: fields[19] ?? "" };
}

/** Calls `action` and turns the errors of the operating system about process `pid` into ours. */
export function attempt<T>(pid: number, deed: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof ForensicsError) throw error;
    const code = systemCode(error);
    if (["ENOENT", "ESRCH"].includes(code)) {
      throw new ForensicsError(
        "ERR_FORENSICS_GONE",
        `Cannot ${deed} process ${pid}: there is no such process`,
      );
    }
    throw new ForensicsError(
      "ERR_FORENSICS_DENIED",
      `Cannot ${deed} process ${pid}: ${code}; ${remedy(pid)}`,
    );
  }
}

/** What has to change for this process to look into that one (ptrace(2), access mode checking). */
function remedy(pid: number): string {
  const scope = quietly(() => readProcText("/proc/sys/kernel/yama/ptrace_scope").trim());
  const owner = quietly(() => String(statSync(`/proc/${pid}`).uid));
  return [
    "scan as the user that runs it, or as root or with CAP_SYS_PTRACE",
    owner === null
      ? null
      : `/proc/${pid} belongs to user ${owner} (root also for a process that is not dumpable)`,
    scope === null || scope === "0"
      ? null
      : `kernel.yama.ptrace_scope is ${scope}: set it to 0, or scan from an ancestor of the process`,
    "under Deno, run with --allow-all; in a container, with --cap-add SYS_PTRACE",
  ]
    .filter((part) => part !== null)
    .join("; ");
}

function quietly(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}
