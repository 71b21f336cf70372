import * as nodeModule from "node:module";
import { basename, dirname, join } from "node:path";
import { buffer, fs, process } from "../../system/node_builtins.ts";
import { foreignFolder } from "../../system/optional/mod.ts";
import { faultOfVersion } from "./verify_koffi.ts";

const { closeSync, existsSync, openSync, readSync } = fs;

interface Binary {
  readonly version: string;
}

/** Of musl, for whose programs koffi has another binary. Where glibc is the system's, musl may lie beside it. */
const MUSL_LOADERS = ["/lib/ld-musl-x86_64.so.1", "/lib/ld-musl-aarch64.so.1"];

/** ELF keeps the name of a program's loader, its interpreter, behind the headers, which are under 1 KiB long. */
const ELF_HEAD_BYTES = 4096;

/**
 * Loads the binary of koffi without its JavaScript, which adds deprecated calls to it, reads every property of
 * `node:util` for that, and so takes seven times as long. Undefined where that is not the plain case: the
 * binary of a version that Lethe calls, for Linux with glibc, in the `node_modules` in which koffi lies. Then
 * koffi loads itself, and says what is wrong.
 */
export function openBinary(require: NodeJS.Require, main: string): Binary | undefined {
  const { platform, arch } = process;
  if (platform !== "linux" || isOfMusl()) return undefined;
  const modules = dirname(dirname(main));
  // A link to koffi may lead anywhere, and what lies beside it there may be another user's.
  if (basename(modules) !== "node_modules") return undefined;
  const beside = join(modules, "@koromix", `koffi-linux-${arch}`, `linux_${arch}`);
  try {
    const binary = require(join(beside, "koffi.node")) as Binary;
    return faultOfVersion(binary.version || "none") === null ? binary : undefined;
  } catch {
    return undefined;
  }
}

/** Whether this program is one of musl. Where that cannot be read, koffi finds out for itself. */
function isOfMusl(): boolean {
  if (!MUSL_LOADERS.some(isThere)) return false;
  const head = buffer.Buffer.alloc(ELF_HEAD_BYTES);
  try {
    const program = openSync(process.execPath, "r");
    try {
      return head.subarray(0, readSync(program, head)).includes("/ld-musl-");
    } finally {
      closeSync(program);
    }
  } catch {
    return true;
  }
}

/** Under the permission model `existsSync` throws. What may not be seen there counts as absent: its binary is tried. */
function isThere(path: string): boolean {
  try {
    return existsSync(path);
  } catch {
    return false;
  }
}

/** Why koffi, which looks for its binary in the folders above it, would load one that may be another user's; or null. */
export function foreignBinary(main: string): string | null {
  const name = `@koromix/koffi-${process.platform}-${process.arch}`;
  try {
    return foreignFolder(main, name, nodeModule.createRequire(main).resolve(name));
  } catch {
    return null; // not there, or not readable: it loads none
  }
}
