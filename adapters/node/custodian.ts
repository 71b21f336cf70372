import { isBuiltin } from "node:module";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { launched } from "../custodian/launch.ts";
import { custodianOpener, type OpenCustodian } from "../custodian/open_custodian.ts";
import { openTerminals } from "./prompt.ts";
import { runtime } from "./runtime.ts";

/**
 * Starts a Node.js process that holds secrets for this one: under `--secure-heap` and the permission
 * model. See docs/custodian.md.
 *
 * @example
 * ```ts
 * import { openCustodian } from "lethe";
 *
 * const custodian = await openCustodian();
 * await custodian.generate("api key", "key", { mayLeave: true });
 * const length = await custodian.expose("api key", (bytes) => bytes.length); // 32
 * await custodian.close();
 * ```
 */
export const openCustodian: OpenCustodian = custodianOpener({
  runtime,
  remember: () => openTerminals().remember(),
  command(secureHeapBytes) {
    const ffi = isBuiltin("node:ffi");
    const command = {
      file: process.execPath,
      parameters: [...flags(secureHeapBytes), ...(ffi ? ["--allow-ffi"] : []), program()],
    };
    return ffi ? command : launched(command);
  },
});

/** The program beside this file, in the form in which this file is. */
function program(): string {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return fileURLToPath(new URL(`./custodian_main.${extension}`, import.meta.url));
}

/**
 * No writing but to the terminal, no child, no thread, no network where Node guards that. Reading is
 * allowed everywhere: modules, the kernel's tables and the terminal lie in many places.
 */
function flags(secureHeapBytes: number): readonly string[] {
  return [
    ...(secureHeapBytes === 0 ? [] : [`--secure-heap=${secureHeapBytes}`, "--secure-heap-min=32"]),
    "--permission",
    "--allow-addons",
    "--allow-fs-read=*",
    "--allow-fs-write=/dev/tty",
    "--disable-proto=delete",
    "--disallow-code-generation-from-strings",
    "--disable-warning=ExperimentalWarning",
    "--disable-warning=SecurityWarning",
  ];
}
