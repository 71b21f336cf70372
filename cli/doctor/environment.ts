import { existsSync, readFileSync } from "node:fs";

/** Something about this machine, outside Lethe's reach, that weakens or strengthens every secret. */
export interface Condition {
  readonly name: string;
  readonly verdict: "good" | "weak" | "unknown";
  /** What was read, and where. */
  readonly evidence: string;
  /** What it means for secrets. Empty when good. */
  readonly meaning: string;
  readonly remedy: string;
}

/** Reads a file of the system, or `null` where there is none or it may not be read. */
export type ReadSystem = (path: string) => string | null;

type Check = (read: ReadSystem, environment: NodeJS.ProcessEnv) => Condition;

/** Reads the conditions of this machine and of this process's environment. Changes nothing. */
export function readConditions(
  read: ReadSystem = readSystem,
  environment: NodeJS.ProcessEnv = process.env,
): readonly Condition[] {
  return CHECKS.map((check) => check(read, environment));
}

function readSystem(path: string): string | null {
  try {
    return existsSync(path) ? readFileSync(path, "latin1").trim() : null;
  } catch {
    return null;
  }
}

const KIBIBYTE = 1024;
/** Below this, some thousand small secrets use up the limit. */
const COMFORTABLE_LOCK = 4096 * KIBIBYTE;
/** CAP_IPC_LOCK, which lifts RLIMIT_MEMLOCK (capabilities(7)). */
const CAP_IPC_LOCK = 14n;

const lockLimit: Check = (read) => {
  const name = "lockable memory";
  const line = read("/proc/self/limits")?.match(/^Max locked memory +(\S+) +/m)?.[1];
  const effective = read("/proc/self/status")?.match(/^CapEff:\s*([0-9a-f]+)/m)?.[1];
  if (line === undefined) return unknown(name, "/proc/self/limits cannot be read");
  const capable =
    effective !== undefined && ((BigInt(`0x${effective}`) >> CAP_IPC_LOCK) & 1n) === 1n;
  const limit = line === "unlimited" ? Number.POSITIVE_INFINITY : Number(line);
  const evidence = `/proc/self/limits: RLIMIT_MEMLOCK ${line}${capable ? ", lifted by CAP_IPC_LOCK" : ""}`;
  if (capable || limit >= COMFORTABLE_LOCK) return good(name, evidence);
  return {
    name,
    verdict: "weak",
    evidence,
    meaning: `about ${Math.floor(limit / 4096)} small secrets can be locked; more may reach swap, and say so`,
    remedy: "ulimit -l, LimitMEMLOCK= (systemd), --ulimit memlock=-1 (containers)",
  };
};

const coreDumps: Check = (read) => {
  const name = "core dumps";
  const limit = read("/proc/self/limits")?.match(/^Max core file size +(\S+) +/m)?.[1];
  const pattern = read("/proc/sys/kernel/core_pattern");
  if (limit === undefined || pattern === null) return unknown(name, "/proc cannot be read");
  const evidence = `RLIMIT_CORE ${limit}, kernel.core_pattern ${pattern}`;
  // A handler behind a pipe gets the dump whatever the limit is (core(5)).
  if (limit === "0" && !pattern.startsWith("|")) return good(name, evidence);
  return {
    name,
    verdict: "weak",
    evidence,
    meaning: "a crash writes ordinary memory to disk; guarded pages are left out, copies are not",
    remedy: "ulimit -c 0, LimitCORE=0 (systemd), or a core handler that keeps nothing",
  };
};

const ptrace: Check = (read) => {
  const name = "debuggers";
  const scope = read("/proc/sys/kernel/yama/ptrace_scope");
  const evidence = `kernel.yama.ptrace_scope ${scope ?? "absent"}`;
  if (scope !== null && scope !== "0") return good(name, evidence);
  return {
    name,
    verdict: "weak",
    evidence,
    meaning:
      "every process of this user can read this user's processes; only hidden memory resists",
    remedy: "sysctl -w kernel.yama.ptrace_scope=1, or run the service as a separate user",
  };
};

const swap: Check = (read) => {
  const name = "swap";
  const table = read("/proc/swaps");
  if (table === null) return unknown(name, "/proc/swaps cannot be read");
  const devices = table.split("\n").slice(1);
  const evidence = `/proc/swaps: ${devices.length === 0 ? "none" : devices.map((line) => line.split(/\s/)[0]).join(", ")}`;
  if (devices.length === 0) return good(name, evidence);
  return {
    name,
    verdict: "weak",
    evidence,
    meaning: "memory that is not locked can be written to disk and stay there",
    remedy: 'require: ["locked"], swapoff -a, or encrypted swap',
  };
};

const hibernation: Check = (read) => {
  const name = "hibernation";
  const states = read("/sys/power/state");
  const evidence = `/sys/power/state: ${states === null ? "absent" : states || "empty"}`;
  if (states === null || !/\bdisk\b/.test(states)) return good(name, evidence);
  return {
    name,
    verdict: "weak",
    evidence,
    meaning:
      "hibernation writes all memory to disk, locked pages too. The kernel refuses to hibernate while a page of secretmem is mapped: until a second or two after the last secret ends",
    remedy: "systemctl mask hibernate.target hybrid-sleep.target, or an encrypted resume device",
  };
};

const inspector: Check = (_read, environment) => {
  const name = "inspector";
  const options = `${environment["NODE_OPTIONS"] ?? ""} ${environment["BUN_INSPECT"] ?? ""}`;
  const found = options.match(/--inspect\S*|--heapsnapshot\S*|--report\S*|ws:\S*/g);
  if (found === null) {
    return good(name, "NODE_OPTIONS and BUN_INSPECT ask for no inspector, heap snapshot or report");
  }
  return {
    name,
    verdict: "weak",
    evidence: `NODE_OPTIONS, BUN_INSPECT: ${found.join(" ")}`,
    meaning: "a debugger that attaches, a heap snapshot or a report sees what JavaScript sees",
    remedy: "unset them where secrets are held",
  };
};

const privileges: Check = (read) => {
  const name = "privileges";
  const user = read("/proc/self/status")?.match(/^Uid:\s+\d+\s+(\d+)/m)?.[1];
  if (user === undefined) return unknown(name, "/proc/self/status cannot be read");
  if (user !== "0") return good(name, `effective uid ${user}`);
  return {
    name,
    verdict: "weak",
    evidence: "effective uid 0",
    meaning: "locking never fails for root, so that what holds here may not hold for your service",
    remedy: "run doctor again as the user that will hold the secrets",
  };
};

const filter: Check = (read) => {
  const name = "system calls";
  const mode = read("/proc/self/status")?.match(/^Seccomp:\s+(\d)/m)?.[1];
  if (mode === undefined) return unknown(name, "/proc/self/status says nothing of Seccomp");
  const state = mode === "0" ? "no filter" : "a filter; what it refuses to a memory stands there";
  return good(name, `/proc/self/status: Seccomp ${mode}, ${state}`);
};

const CHECKS: readonly Check[] = [
  lockLimit,
  coreDumps,
  ptrace,
  swap,
  hibernation,
  inspector,
  privileges,
  filter,
];

function good(name: string, evidence: string): Condition {
  return { name, verdict: "good", evidence, meaning: "", remedy: "" };
}

function unknown(name: string, evidence: string): Condition {
  return { name, verdict: "unknown", evidence, meaning: "not checked", remedy: "" };
}
