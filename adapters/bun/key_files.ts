import {
  type FileCalls,
  keyFilesOpener,
  nativeCalls,
  nodeCalls,
} from "../../features/key_files/mod.ts";
import type { OpenKeyFiles } from "../../features/key_files/types.ts";
import { bunFfi } from "./ffi.ts";
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

/** Through node:fs, and libc for what that has not. */
export function openFileCalls(): FileCalls {
  return nodeCalls(() => nativeCalls(bunFfi()));
}
