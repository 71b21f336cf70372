/** Bun for musl, from the registry, with the C library of Debian's package musl. */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { ROOT } from "../features/prompt/pty.ts";
import { installForced, type OtherSystem, versionOf } from "./other_system.ts";

/** Where its loader looks: /etc/ld-musl-x86_64.path. */
const LIBRARIES = "/usr/lib/x86_64-linux-musl";

/** Why programs for musl do not run here, or nothing. */
export function missingMusl(): string {
  if (process.platform !== "linux" || process.arch !== "x64") return "it takes Linux on x86-64";
  if (!existsSync("/lib/ld-musl-x86_64.so.1")) return "it takes musl of Debian";
  if (spawnSync("musl-gcc", ["--version"]).status !== 0) return "it takes musl-tools of Debian";
  return spawnSync("unshare", ["-Urm", "true"]).status === 0 ? "" : "it takes unshare(1)";
}

/**
 * Installs Bun for musl. It takes a C++ library, which Debian has for glibc alone: musl_shim.c gives that one
 * what musl lacks.
 *
 * @param folder an empty one
 * @throws {Error} when it cannot be installed
 */
export function installMusl(folder: string): void {
  installForced(folder, { bun: `npm:@oven/bun-linux-x64-musl@${versionOf("bun")}` });
  const libraries = join(folder, "libraries");
  mkdirSync(libraries);
  for (const name of ["libstdc++.so.6", "libgcc_s.so.1"]) {
    copyFileSync(join("/usr/lib/x86_64-linux-gnu", name), join(libraries, name));
  }
  // Under the name of the library of glibc that the C++ library asks for.
  const shim = "ld-linux-x86-64.so.2";
  const source = `${ROOT}testing/system/musl_shim.c`;
  const parameters = ["-O1", "-fPIC", "-shared", `-Wl,-soname,${shim}`, "-o"];
  const compiling = spawnSync("musl-gcc", [...parameters, join(libraries, shim), source]);
  if (compiling.status !== 0) throw new Error(`musl-gcc: ${compiling.stderr}`);
}

/** Bun as {@link installMusl} put it into `folder`. */
export function muslIn(folder: string): OtherSystem {
  const script = `set -e
mount -t overlay overlay -o lowerdir=${join(folder, "libraries")}:${LIBRARIES} ${LIBRARIES}
exec "$@"`;
  return {
    around: ["unshare", "-Urm", "sh", "-c", script, "sh"],
    runtimes: { bun: [join(folder, "node_modules/bun/bin/bun")] },
  };
}
