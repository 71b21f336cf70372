import { LetheError } from "../../core/mod.ts";
import { type FileCalls, keyFilesOpener, libcCalls } from "../../features/key_files/mod.ts";
import type { OpenKeyFiles } from "../../features/key_files/types.ts";
import { isPermitted } from "../../system/permitted.ts";
import { denoFfi } from "./ffi.ts";
import { checkPermissions } from "./permissions.ts";
import { runtime } from "./runtime.ts";

/**
 * FFI goes past Deno's own checks, so that they are made here: a program that may not touch a folder
 * may not touch a key file in it.
 */
function authorize(path: string, purpose: "lookup" | "change"): void {
  const needed = purpose === "change" ? (["read", "write"] as const) : (["read"] as const);
  const missing = needed.filter((name) => !isPermitted({ name, path }));
  if (missing.length === 0) return;
  throw new LetheError(
    "ERR_LETHE_KEY_DENIED",
    `Cannot open the directory of a key file: it needs ${missing.map((name) => `--allow-${name}`).join(" and ")} for it`,
  );
}

/**
 * Opens key files: made with mode 0400, read straight into secret memory, and by default fatal to
 * misuse. Takes `--allow-ffi`, and `--allow-read` and `--allow-write` for the directory of the key; it
 * never prompts. See {@link KeyFiles} for what is promised and what is not.
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

/** Through libc. @throws {LetheError} `ERR_LETHE_UNAVAILABLE` without `--allow-ffi` */
export function openFileCalls(): FileCalls {
  checkPermissions("guarded", ["ffi"]);
  return libcCalls(denoFfi(), authorize);
}
