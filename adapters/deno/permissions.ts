import { LetheError } from "../../core/mod.ts";
import { type EntryHere, refuseMisplaced } from "../../system/misplaced.ts";
import { isPermitted } from "../../system/permitted.ts";

/** For what is said where this entry is out of its place. */
export const DENO_ENTRY: EntryHere = {
  kind: "deno",
  taken: "this entry",
};

/**
 * Refuses a memory whose permissions were not granted, before its loading could prompt for them one
 * after another.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` naming the flags that are missing, or that this is not Deno
 */
export function checkPermissions(memory: string, needed: readonly ("ffi" | "read")[]): void {
  refuseMisplaced(DENO_ENTRY, `Cannot open ${memory} memory`);
  const missing = needed.filter((name) => !isPermitted({ name }));
  if (missing.length === 0) return;
  throw new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    `Cannot open ${memory} memory: it needs ${missing.map((name) => `--allow-${name}`).join(" and ")}`,
  );
}
