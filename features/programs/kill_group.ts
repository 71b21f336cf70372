import type { ChildProcess } from "node:child_process";
import { process } from "../../system/node_builtins.ts";
import { isPermitted } from "../../system/permitted.ts";

/** Whether a group can be ended. Deno needs `--allow-run` for every program for that, and without it asks on the terminal. */
export function mayKill(): boolean {
  return isPermitted({ name: "run" });
}

/** Ends a program with what it started in its group. @returns false where that is not done: it has to be ended alone */
export function killGroup({ pid }: ChildProcess): boolean {
  if (pid === undefined || !mayKill()) return false;
  try {
    return process.kill(-pid, "SIGKILL");
  } catch {
    return false;
  }
}
