import { dirname, join } from "node:path";
import { fs, process } from "../../system/node_builtins.ts";
import { faultOfVersion } from "./verify_koffi.ts";

const { existsSync } = fs;

interface Binary {
  readonly version: string;
}

/** Of musl, on whose systems koffi has another binary. */
const OTHER_LOADERS = ["/lib/ld-musl-x86_64.so.1", "/lib/ld-musl-aarch64.so.1"];

/**
 * Loads the binary of koffi without its JavaScript, which adds deprecated calls to it, reads every property of
 * `node:util` for that, and so takes seven times as long. Undefined where that is not the plain case: the
 * binary of a version that Lethe calls, for Linux with glibc, in the `node_modules` in which koffi lies. Then
 * koffi loads itself, and says what is wrong.
 */
export function openBinary(require: NodeJS.Require, main: string): Binary | undefined {
  const { platform, arch } = process;
  if (platform !== "linux" || OTHER_LOADERS.some((path) => existsSync(path))) return undefined;
  const beside = join(dirname(main), "../@koromix", `koffi-linux-${arch}`, `linux_${arch}`);
  try {
    const binary = require(join(beside, "koffi.node")) as Binary;
    return faultOfVersion(binary.version || "none") === null ? binary : undefined;
  } catch {
    return undefined;
  }
}
