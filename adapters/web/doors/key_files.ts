/**
 * What `lethe/key-files` is to a tool that knows no server runtime. A type checker finds here what the servers
 * have; a call is an `ERR_LETHE_UNAVAILABLE` with the reason.
 *
 * @module
 */
import type { OpenKeyFiles } from "../../../features/key_files/types.ts";
import type { EntryHere } from "../../../system/misplaced.ts";
import { serverOnly } from "../server_only.ts";

export type * from "../../../features/key_files/types.ts";

const ENTRY: EntryHere = {
  kind: "web",
  taken: '"lethe/key-files" by a condition for the web',
};

/**
 * Opens key files, on Node.js, Deno and Bun: made with mode 0400, read straight into secret memory, and by
 * default fatal to misuse. See {@link KeyFiles} for what is promised and what is not.
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
export const openKeyFiles: OpenKeyFiles = /* @__PURE__ */ serverOnly("open key files", ENTRY);
