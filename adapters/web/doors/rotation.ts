/**
 * Secrets that change while a program runs: read again before they expire or when they change, the old version
 * kept for those who use it. In browsers and workerd, where nothing sees changes in a directory.
 *
 * @module
 */
import type { WatchDirectory } from "../../../features/rotation/mod.ts";
import type { EntryHere } from "../../../system/misplaced.ts";
import { serverOnly } from "../server_only.ts";

export * from "../../../features/rotation/mod.ts";

const ENTRY: EntryHere = {
  kind: "web",
  taken: '"lethe/rotation" by a condition for the web',
};

/**
 * Sees changes of the names in a directory, for the option `watch` of `rotating`: of a volume of Kubernetes,
 * whose link `..data` is replaced in one step; or of any file that its writer renames into its place.
 *
 * It watches the directory that the path leads to now, and not those below it. When that one is removed or
 * replaced, it says so, and `rotating` watches the next one after its next read. The kernel tells of changes
 * (inotify(7)), which network file systems do not do: use `pollEvery` there.
 *
 * @throws {TypeError} unless `path` is a path; what cannot be watched is the event `watch-ended`
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { rotating, watchDirectory } from "lethe/rotation";
 * import type { SecretSource } from "lethe/sources";
 *
 * export async function follow(files: SecretSource): Promise<void> {
 *   const watch = watchDirectory("/etc/app");
 *   const token = await rotating(openSecrets(), files, "/etc/app/token", { watch });
 *   token.close();
 * }
 * ```
 */
export const watchDirectory: WatchDirectory = /* @__PURE__ */ serverOnly("watch directory", ENTRY);
