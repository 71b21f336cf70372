import { bare } from "../core/arguments/own.ts";
import { LetheError } from "../core/contract/errors.ts";
import { findDeno, type Permission } from "./deno.ts";

/**
 * Whether Deno gives this permission without asking. It asks on the terminal for any other, and shows
 * what is typed at its question: so each access asks here first. True on every other runtime.
 *
 * Under `/proc` and `/sys` Deno wants every permission (`--allow-all`). With less than that it refuses
 * there without a question, once `--allow-read` covers the path.
 */
export function isPermitted(permission: Permission): boolean {
  return (findDeno()?.permissions.querySync(bare(permission)).state ?? "granted") === "granted";
}

/** @throws {LetheError} `ERR_LETHE_UNAVAILABLE` naming the flag, where Deno would ask */
export function checkReadable(path: string): void {
  if (isPermitted({ name: "read", path })) return;
  throw new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    `Cannot read ${path}: it needs --allow-read=${path}`,
  );
}
