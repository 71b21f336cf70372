import { errorCode } from "../../../core/arguments/own.ts";
import { process } from "../../../system/node_builtins.ts";
import { readText } from "../../../system/read_text.ts";

/**
 * What the kernel says of the arena of OpenSSL's secure heap: OpenSSL asks for its lock and goes on
 * without it. To be asked before memory is opened, which has locked areas of its own, and before the
 * process is hardened, which closes its own tables to it.
 *
 * @param total size of the secure heap in bytes
 */
export function secureHeapPages(total: number): string {
  let smaps: string;
  try {
    smaps = readText("/proc/self/smaps");
  } catch (error) {
    return `not known to be locked: /proc/self/smaps cannot be read (${errorCode(error) ?? "refused"})`;
  }
  const areas = smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).filter((area) => isArena(area, total));
  const flags = areas.map((area) => /^VmFlags:(.*)$/m.exec(area)?.[1] ?? "");
  const locked = flags.find((text) => /\blo\b/.test(text));
  if (locked === undefined) {
    if (!flags.some((text) => /\bdd\b/.test(text))) {
      return "not known to be locked: no area of its size in smaps has the flag lo or dd";
    }
    return `not locked: it has the flag dd and not lo in smaps${limitBelow(total)}`;
  }
  return /\bdd\b/.test(locked) ? "locked and not dumped (smaps: lo dd)" : "locked (smaps: lo)";
}

/** Whole pages between two guards: OpenSSL rounds its size up to them. */
function isArena(area: string, total: number): boolean {
  const [, start = "0", end = "0"] = /^([0-9a-f]+)-([0-9a-f]+) rw-p/.exec(area) ?? [];
  const [, kilobytes = "4"] = /^KernelPageSize:\s+(\d+) kB$/m.exec(area) ?? [];
  const page = Number(kilobytes) * 1024;
  return Number(BigInt(`0x${end}`) - BigInt(`0x${start}`)) === Math.ceil(total / page) * page;
}

/** The limit, where it is what keeps the arena from being locked: root and CAP_IPC_LOCK have none. */
function limitBelow(total: number): string {
  try {
    const limits = readText("/proc/self/limits");
    const [, soft = "unlimited"] = /^Max locked memory\s+(\S+)/m.exec(limits) ?? [];
    if (process.getuid?.() === 0 || soft === "unlimited" || Number(soft) >= total) return "";
    return `; RLIMIT_MEMLOCK is ${soft} bytes (ulimit -l counts in 1024)`;
  } catch {
    return "";
  }
}
