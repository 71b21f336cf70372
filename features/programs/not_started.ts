import { bare, errorCode } from "../../core/arguments/own.ts";

/** Why the platform started no program, and what helps. */
export function notStarted(error: unknown): string {
  const code = errorCode(error) ?? "refused";
  return `it did not start (${code}); ${REMEDIES[code] ?? "run it by hand"}`;
}

/** Whether there was no descriptor left, in this process or in the system. */
export function isUsedUp(code: string): boolean {
  return code === "EMFILE" || code === "ENFILE";
}

/** What helps against a code that a program has no part in. */
export const REMEDIES: Readonly<Record<string, string>> = bare({
  ERR_ACCESS_DENIED: "Node.js was started with --permission: add --allow-child-process",
  EMFILE: "this process has as many open files as it may: see ulimit -n",
  ENFILE: "the system has as many open files as it may: try again later",
  EAGAIN:
    "this user has as many processes as it may: see ulimit -u and the pids limit of the cgroup",
});
