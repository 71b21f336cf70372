import type { Stats } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fs, process } from "../node_builtins.ts";
import { isPermitted } from "../permitted.ts";

const { lstatSync, realpathSync, statSync } = fs;

const EVERYBODY_WRITES = 0o002;
/** Of a folder such as `/tmp`: each user can change only what is theirs. */
const STICKY = 0o1000;

/**
 * Why what was found from `base` by this name, at `path`, is not taken; or null.
 *
 * A package that is not installed is looked for in the `node_modules` of each folder above, as far as the
 * root. Where one of these is shared, as `/tmp` is, another user can put a `node_modules` there. So it is
 * taken only if root, this user or the owner of `base` owns it, and not everybody can write to it. Whoever
 * can write to the one in which `base` lies can write `base` itself.
 *
 * Nothing is known of it on Windows, and on Deno without the permission to read there.
 */
export function foreignFolder(base: string, name: string, path: string): string | null {
  if (process.platform === "win32") return null;
  const file = base.startsWith("file:") ? fileURLToPath(base) : base.replace(/\/$/, "");
  const place = placeOf(file, name, path);
  const own = statsOf(file);
  if (place === null || own === null || isOpen(dirname(file))) return null;
  const trusted = [0, own.uid, userId()];
  for (const stats of [statsOf(place, lstatSync), statsOf(place)]) {
    if (stats !== null && !trusted.includes(stats.uid)) {
      return `${place} belongs to another user (${stats.uid})`;
    }
  }
  return isOpen(place) ? `everybody can write to ${place}` : null;
}

/** The `node_modules` from which the path is, and in which `file` does not lie; or null. */
function placeOf(file: string, name: string, path: string): string | null {
  let folder = file; // `node .` has a folder there
  for (;;) {
    const place = join(folder, "node_modules");
    if (has(join(place, name), path)) return file.startsWith(`${place}/`) ? null : place;
    if (dirname(folder) === folder) return null; // a loader such as Yarn's found it elsewhere
    folder = dirname(folder);
  }
}

/** Whether `path` is that file, or in that folder, which may be a link. */
function has(there: string, path: string): boolean {
  if (statsOf(there) === null) return false;
  return [there, realpathSync(there)].some((one) => path === one || path.startsWith(`${one}/`));
}

function isOpen(folder: string): boolean {
  const mode = statsOf(folder)?.mode ?? 0;
  return (mode & EVERYBODY_WRITES) !== 0 && (mode & STICKY) === 0;
}

function statsOf(path: string, read: (path: string) => Stats = statSync): Stats | null {
  if (!isPermitted({ name: "read", path })) return null;
  try {
    return read(path);
  } catch {
    return null;
  }
}

/** Deno would ask. */
function userId(): number | undefined {
  return isPermitted({ name: "sys", kind: "uid" }) ? process.getuid?.() : undefined;
}
