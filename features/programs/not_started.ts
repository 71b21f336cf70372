import { bare, errorCode } from "../../core/arguments/own.ts";
import { NO_DESCRIPTORS } from "../../system/no_descriptors.ts";

/** Why the platform started no program, and what helps. */
export function notStarted(error: unknown): string {
  const code = errorCode(error) ?? "refused";
  return `it did not start (${code}); ${REMEDIES[code] ?? "run it by hand"}`;
}

/** What helps against a code that a program has no part in. */
export const REMEDIES: Readonly<Record<string, string>> = bare({
  ERR_ACCESS_DENIED: "Node.js was started with --permission: add --allow-child-process",
  ...NO_DESCRIPTORS,
  EAGAIN:
    "this user has as many processes as it may: see ulimit -u and the pids limit of the cgroup",
});
