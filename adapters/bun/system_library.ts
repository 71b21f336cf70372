import { existsSync, readFileSync } from "node:fs";
import { process } from "../../system/node_builtins.ts";

/**
 * The absolute path of a library of the system, beside the C library that Bun itself runs on.
 *
 * Bun opens a name that the system's loader refuses once more, as a file of the current folder. Whoever can
 * write there would run code in this process, wherever `libc.so.6` does not open: on musl, without the JIT,
 * under a limit of memory. An absolute path is tried once.
 *
 * @throws {Error} when no library of that name lies there
 */
export function systemLibrary(platform: string, name: string): string {
  if (name.startsWith("/")) return name;
  // In the shared cache of the loader: there is no file to look for.
  if (platform === "darwin") return `/usr/lib/${name}`;
  folders ??= readFolders();
  for (const folder of folders ?? USUAL) {
    const path = `${folder}/${name}`;
    if (existsSync(path)) return path;
  }
  throw new Error(`${name} is not beside the C library that Bun runs on`);
}

let folders: readonly string[] | null = null;

/** Null: no descriptor is left for it, or another reason of the moment. */
function readFolders(): readonly string[] | null {
  try {
    return loadedFrom(readFileSync("/proc/self/maps", "latin1"));
  } catch {
    return null;
  }
}

/**
 * The folders of the C library and of its loader, as the kernel has them. Without `/usr` first: most loaders
 * have them by that name, and open a library that they have by the same name without a descriptor.
 */
export function loadedFrom(maps: string): readonly string[] {
  const found = maps.matchAll(/ (\/[^\n]*)\/(?:libc|ld)(?:[-.][^/\n]*)?\.so[^/\n]*$/gm);
  const all = [...found].flatMap(([, folder = ""]) => [
    folder.replace(/^\/usr(?=\/lib)/, ""),
    folder,
  ]);
  return [...new Set(all)];
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };
/** Where systems keep it: all of them belong to root. */
const USUAL: readonly string[] = [
  `/lib/${ARCHITECTURES[process.arch] ?? process.arch}-linux-gnu`,
  "/lib64",
  "/lib",
];
