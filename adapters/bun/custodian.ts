import process from "node:process";
import { fileURLToPath } from "node:url";
import { custodianOpener, type OpenCustodian } from "../custodian/open_custodian.ts";
import { openTerminals } from "./prompt.ts";
import { runtime } from "./runtime.ts";

/**
 * Starts a Bun process that holds secrets for this one. See docs/custodian.md.
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
  command: () => ({ file: process.execPath, parameters: [program()] }),
});

function program(): string {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return fileURLToPath(new URL(`./custodian_main.${extension}`, import.meta.url));
}
