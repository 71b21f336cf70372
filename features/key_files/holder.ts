import { process } from "../../system/node_builtins.ts";
import type { FileCalls } from "./file_calls.ts";
import { randomHex } from "./leftovers.ts";
import { codeOf } from "./task.ts";

/**
 * A file name that tells which process holds a lock, and is never used twice:
 * `PID.START.NAMESPACE.BOOT.RANDOM`.
 */
export function holderName(calls: FileCalls): string {
  const { pid } = process;
  return [pid, startOf(calls, String(pid)), placeOf(calls), randomHex()].join(".");
}

/** Whether the process of that name has certainly ended. */
export function hasEnded(calls: FileCalls, name: string): boolean {
  const [pid = "", start, namespace, boot] = name.split(".");
  if (!/^\d+$/.test(pid) || [start, namespace, boot].includes(UNKNOWN)) return false;
  if (`${namespace}.${boot}` !== placeOf(calls)) return false;
  const now = startOf(calls, pid);
  return now !== UNKNOWN && now !== start;
}

/** Where a process number means one process: a process namespace, during one boot. */
function placeOf(calls: FileCalls): string {
  return `${namespaceOf(calls)}.${orUnknown(() => /^[0-9a-f-]{36}$/m.exec(calls.readSystemText(BOOT))?.[0])}`;
}

function namespaceOf(calls: FileCalls): string {
  return orUnknown(() => /\d+/.exec(calls.readSystemLink("/proc/self/ns/pid"))?.[0]);
}

/** When a process began, in ticks since the boot: fields 3, 20 and 22 of proc_pid_stat(5). */
function startOf(calls: FileCalls, pid: string): string {
  return orUnknown(() => {
    try {
      const stat = calls.readSystemText(`/proc/${pid}/stat`);
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      // A zombie whose other threads have ended does nothing any more.
      return fields[0] === "Z" && fields[17] === "1" ? ENDED : fields[19];
    } catch (error) {
      if (["ENOENT", "ESRCH"].includes(codeOf(error))) return ENDED;
      throw error;
    }
  });
}

function orUnknown(read: () => string | undefined): string {
  try {
    return read() ?? UNKNOWN;
  } catch {
    return UNKNOWN; // then the holder is never taken for ended
  }
}

const BOOT = "/proc/sys/kernel/random/boot_id";
const UNKNOWN = "unknown";
const ENDED = "ended";
