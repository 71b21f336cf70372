import { bare } from "../../core/arguments/own.ts";
import { LetheError, type MemoryProvider } from "../../core/mod.ts";
import { allowRemedy } from "../../memories/pages/mod.ts";
import { childProcess, process } from "../../system/node_builtins.ts";
import { findPackage } from "../../system/optional/mod.ts";
import { readText } from "../../system/read_text.ts";
import { compiledProgram } from "./compiled_program.ts";

/** Milliseconds. A child takes some 40. */
const PATIENCE = 10_000;
const PROGRAM = "require(process.argv[1]).sodium_malloc(1)";

/**
 * Sodium memory, unless a filter of system calls (seccomp) kills the process for mlock(2), which
 * libsodium calls: nothing says beforehand whether it does.
 *
 * So, under a filter, a Node of its own makes the first allocation, once a process. The filter of a whole
 * container is not tried: engines set up one that refuses what it does not know. Where no child can be
 * started (`--permission`, a single executable), sodium is used untried.
 */
export function triedInChild({ name, open }: MemoryProvider): MemoryProvider {
  let forbidden: string | null | undefined;
  return {
    name,
    open(asked) {
      if (forbidden === undefined) forbidden = isFiltered() && killsForLocking() ? REASON : null;
      if (forbidden === null) return open(asked);
      throw new LetheError("ERR_LETHE_UNAVAILABLE", `Cannot open ${name} memory: ${forbidden}`);
    },
  };
}

const REASON = `a filter of system calls (seccomp) kills the process for mlock, as it did a child that tried it; ${allowRemedy("mlock")}`;

/** By a filter that is not the one of the whole container. Filters are inherited, and none comes off. */
function isFiltered(): boolean {
  try {
    const own = filtersOf("self");
    // The first process of a container is under the engine's filter, that of a machine under none.
    return own > 0 && process.pid !== 1 && filtersOf("1") !== own;
  } catch {
    return false; // Nobody can be asked.
  }
}

/** How many filters a process is under; before Linux 5.9, which does not count them, 1 or 0. */
function filtersOf(process: string): number {
  const status = readText(`/proc/${process}/status`);
  if (!/^Seccomp:\s+2$/m.test(status)) return 0;
  return Number(/^Seccomp_filters:\s+(\d+)$/m.exec(status)?.[1] ?? 1);
}

function killsForLocking(): boolean {
  try {
    const sodium = findPackage("sodium-native");
    if (compiledProgram() !== null || sodium === null) return false;
    const child = childProcess().spawnSync(process.execPath, ["-e", PROGRAM, sodium], {
      env: bare({}), // Node also takes what is inherited
      cwd: "/proc", // where nobody can write a core file
      stdio: "ignore",
      timeout: PATIENCE,
    });
    return child.signal === "SIGSYS";
  } catch {
    return false; // Not installed, or no child is allowed.
  }
}
