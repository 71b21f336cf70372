import { type Stats, statSync, watch } from "node:fs";
import { wrongType } from "../../core/arguments/argument_error.ts";
import { throwIfAborted } from "../../core/arguments/foreign.ts";
import { kindOf } from "../../core/arguments/kind_of.ts";
import { errorCode } from "../../core/arguments/own.ts";
import type { LetheErrorCode } from "../../core/mod.ts";
import { LetheError } from "../../core/mod.ts";
import { isPermitted } from "../../system/permitted.ts";
import type { WatchSecret } from "./watching.ts";

/**
 * Sees changes of the names in a directory, for the option `watch` of `rotating`: of a volume of Kubernetes,
 * whose link `..data` is replaced in one step; or of any file that its writer renames into its place.
 *
 * It watches the directory that the path leads to now, and not those below it. When that one is removed or
 * replaced, it says so, and `rotating` watches the next one after its next read. The kernel tells of changes
 * (inotify(7)), which network file systems do not do, and not of a link in `path` that comes to lead elsewhere:
 * use `pollEvery` there, or give the path of the directory that holds the link.
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
export function watchDirectory(path: string): WatchSecret {
  if (typeof path !== "string" || path === "" || path.includes("\0")) {
    throw wrongType(
      `Cannot watch directory as path must be a path: current value is ${typeof path === "string" ? "no path" : kindOf(path)}`,
    );
  }
  return async (onChange, signal) => {
    throwIfAborted(signal);
    if (!isPermitted({ name: "read", path })) {
      throw failure("ERR_LETHE_SOURCE_DENIED", path, `it takes --allow-read=${path}`);
    }
    try {
      const before = identityOf(statSync(path));
      const watcher = watch(path, { persistent: false }, () => {
        if (isStill(path, before)) onChange();
        else end(failure("ERR_LETHE_SOURCE_MISSING", path, "it was removed or replaced"));
      });
      const end = (error?: LetheError): void => {
        signal.removeEventListener("abort", close);
        watcher.close();
        if (error !== undefined) onChange(error);
      };
      const close = (): void => end();
      signal.addEventListener("abort", close);
      watcher.on("error", (error) => end(failed(path, error)));
      // What was replaced between the two calls would never be seen.
      if (!isStill(path, before)) {
        close();
        throw failure("ERR_LETHE_SOURCE_MISSING", path, "it was replaced while the watch began");
      }
    } catch (error) {
      throw error instanceof LetheError ? error : failed(path, error);
    }
  };
}

function identityOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}

function isStill(path: string, before: string): boolean {
  try {
    return identityOf(statSync(path)) === before;
  } catch {
    return false;
  }
}

function failed(path: string, error: unknown): LetheError {
  const code = errorCode(error) ?? "no code";
  const [own, remedy] = REASONS[code] ?? ["ERR_LETHE_SOURCE_FAILED", "the system refused it"];
  return failure(own, path, `${remedy} (${code})`);
}

const USED_UP = "the user's watches are used up; raise fs.inotify.max_user_watches";
const DENIED = "this process may not read it; give it the permission to";
const REASONS: Readonly<Record<string, readonly [LetheErrorCode, string]>> = {
  ENOENT: ["ERR_LETHE_SOURCE_MISSING", "there is no such directory; correct the path"],
  ENOTDIR: ["ERR_LETHE_SOURCE_MISSING", "it is not a directory; watch the one that holds it"],
  EACCES: ["ERR_LETHE_SOURCE_DENIED", DENIED],
  EPERM: ["ERR_LETHE_SOURCE_DENIED", DENIED],
  ENOSPC: ["ERR_LETHE_SOURCE_UNAVAILABLE", USED_UP],
  EMFILE: [
    "ERR_LETHE_SOURCE_UNAVAILABLE",
    "this process has as many open files as it may, or its user as many watches; see ulimit -n and fs.inotify.max_user_instances",
  ],
  ENFILE: [
    "ERR_LETHE_SOURCE_UNAVAILABLE",
    "the system has as many open files as it may; try again later",
  ],
};

function failure(code: LetheErrorCode, path: string, reason: string): LetheError {
  return new LetheError(code, `Cannot watch directory ${JSON.stringify(path)}: ${reason}`);
}
