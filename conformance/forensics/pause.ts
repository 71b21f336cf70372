import { readdirSync } from "node:fs";
import process from "node:process";
import { ForensicsError } from "./forensics_error.ts";
import { attempt, processStatus } from "./process_status.ts";

const PATIENCE_MS = 2000;

/**
 * Stops process `pid` (SIGSTOP), calls `use`, and lets it go on (SIGCONT), however `use` ends.
 *
 * A process that another has stopped stays stopped, unless that stop was sent so lately that no thread
 * has come to it yet: signals do not say who sent them. If the scanning process is killed meanwhile, the
 * target stays stopped until someone sends it SIGCONT. Its parent sees both as SIGCHLD.
 */
export function whilePaused<T>(pid: number, use: () => T): T {
  if (statesOf(pid).includes("T")) {
    // Another's stop, perhaps still under way: it reaches one thread after the other.
    waitUntilStopped(pid);
    return use();
  }
  attempt(pid, "stop", () => process.kill(pid, "SIGSTOP"));
  try {
    waitUntilStopped(pid);
    return use();
  } finally {
    resume(pid);
  }
}

function waitUntilStopped(pid: number): void {
  const pulse = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; !isStopped(pid); waited += 1) {
    if (waited >= PATIENCE_MS) {
      throw new ForensicsError(
        "ERR_FORENSICS_PAUSE",
        `Cannot pause process ${pid}: it did not stop within ${PATIENCE_MS} ms of SIGSTOP (a thread may wait in the kernel); scan without pause`,
      );
    }
    Atomics.wait(pulse, 0, 0, 1);
  }
}

/** SIGSTOP stops every thread, each when it next leaves the kernel: all must have. */
function isStopped(pid: number): boolean {
  return statesOf(pid).every((state) => ["T", "t", "X", "Z"].includes(state));
}

function statesOf(pid: number): string[] {
  const threads = attempt(pid, "list the threads of", () => readdirSync(`/proc/${pid}/task`));
  return threads.map((thread) => {
    try {
      return processStatus(pid, thread).state;
    } catch {
      return "X"; // The thread ended since it was listed.
    }
  });
}

function resume(pid: number): void {
  try {
    process.kill(pid, "SIGCONT");
  } catch {
    // It was killed while it stood still: there is nothing to go on, and the scan says so itself.
  }
}
