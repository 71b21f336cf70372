import { existsSync, readFileSync } from "node:fs";

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
  folders ??= loadedFrom(readFileSync("/proc/self/maps", "latin1"));
  for (const folder of folders) {
    const path = `${folder}/${name}`;
    if (existsSync(path)) return path;
  }
  throw new Error(`${name} is not beside the C library that Bun runs on`);
}

let folders: readonly string[] | null = null;

/** The folders of the C library and of its loader, as the kernel has them. */
export function loadedFrom(maps: string): readonly string[] {
  const found = maps.matchAll(/ (\/[^\n]*)\/(?:libc|ld)(?:[-.][^/\n]*)?\.so[^/\n]*$/gm);
  return [...new Set([...found].map(([, folder = ""]) => folder))];
}
