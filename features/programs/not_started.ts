import { errorCode } from "../../core/arguments/own.ts";

/** Why the platform started no program, and what helps. */
export function notStarted(error: unknown): string {
  const code = errorCode(error) ?? "refused";
  const remedy =
    code === "ERR_ACCESS_DENIED"
      ? "Node.js was started with --permission: add --allow-child-process"
      : "run it by hand";
  return `it did not start (${code}); ${remedy}`;
}
