import process from "node:process";
import { fileURLToPath } from "node:url";
import { custodianOpener, type OpenCustodian } from "../custodian/open_custodian.ts";
import { openTerminals } from "./prompt.ts";
import { runtime } from "./runtime.ts";

/**
 * Starts a Deno process that holds secrets for this one, with no permission but to call its memory
 * and read the terminal. It takes `--allow-run` for Deno itself. See docs/custodian.md.
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
  command: () => ({ file: process.execPath, parameters: [...FLAGS, program()] }),
  leastInput: 5, // Deno puts the channel on 3 before it passes on what 3 and 4 were
});

/** A file of the package, or the address that it was loaded from. */
function program(): string {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const { href, protocol } = new URL(`./custodian_main.${extension}`, import.meta.url);
  return protocol === "file:" ? fileURLToPath(href) : href;
}

/** Native modules and the kernel's tables are read; nothing is written, run or reached. */
const FLAGS: readonly string[] = [
  "run",
  "--quiet",
  "--no-prompt",
  "--no-check",
  "--allow-ffi",
  "--allow-read",
  "--allow-sys=inspector", // to be told that there is none
];
