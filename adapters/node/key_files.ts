import { resolve } from "node:path";
import { optional } from "../../core/arguments/own.ts";
import { LetheError } from "../../core/contract/errors.ts";
import {
  type FileCalls,
  keyFilesOpener,
  libcCalls,
  nodeCalls,
} from "../../features/key_files/mod.ts";
import type { OpenKeyFiles } from "../../features/key_files/types.ts";
import { process } from "../../system/node_builtins.ts";
import { koffiFfi, koffiObstacle } from "./koffi.ts";
import { runtime } from "./runtime.ts";

/**
 * Opens key files: made with mode 0400, read straight into secret memory, and by default fatal to
 * misuse. See {@link KeyFiles} for what is promised and what is not.
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { openKeyFiles } from "lethe/key-files";
 *
 * const keys = openKeyFiles(openSecrets());
 * keys.create("./app.key", 32);
 * const key = keys.read("./app.key", 32);
 * key.destroy();
 * ```
 */
export const openKeyFiles: OpenKeyFiles = keyFilesOpener(runtime, openFileCalls);

/** Through libc where koffi is there, else through node:fs and the helpers of the system. */
export function openFileCalls(): FileCalls {
  if (process.platform !== "linux" || koffiObstacle() !== null) return nodeCalls();
  try {
    return libcCalls(koffiFfi(), authorize);
  } catch (error) {
    if (error instanceof LetheError) return nodeCalls(); // a C library without statx
    throw error;
  }
}

/**
 * FFI goes past Node's permission model, so that it is asked here: a program that may not touch a folder
 * may not touch a key file in it. A descriptor that was handed to this process is not a path.
 */
function authorize(path: string, purpose: "lookup" | "change"): void {
  const guarded = process as {
    readonly permission?: { has(scope: string, path: string): boolean };
  };
  const permission = optional(guarded, "permission");
  if (permission === undefined || path.startsWith("/dev/fd/")) return;
  const needed = purpose === "change" ? ["read", "write"] : ["read"];
  const missing = needed.filter((name) => !permission.has(`fs.${name}`, resolve(path)));
  if (missing.length === 0) return;
  throw new LetheError(
    "ERR_LETHE_KEY_DENIED",
    `Cannot open the directory of a key file: it needs ${missing.map((name) => `--allow-fs-${name}`).join(" and ")} for it`,
  );
}
