import { optional } from "../../core/arguments/own.ts";
import { custodianOpener, type OpenCustodian } from "../../features/custodian/open_custodian.ts";
import { process } from "../../system/node_builtins.ts";
import { bunWay } from "./custodian_way.ts";
import { BUN_ENTRY } from "./ffi.ts";
import { openTerminals } from "./prompt.ts";
import { runtime } from "./runtime.ts";

/**
 * Starts a Bun process that holds secrets for this one. See docs/custodian.md.
 *
 * @example
 * ```ts
 * import { openCustodian } from "lethe/custodian";
 *
 * const custodian = await openCustodian();
 * await custodian.generate("api key", "key", { mayLeave: true });
 * const length = await custodian.expose("api key", (bytes) => bytes.length); // 32
 * await custodian.close();
 * ```
 */
export const openCustodian: OpenCustodian = custodianOpener({
  runtime,
  entry: BUN_ENTRY,
  way: bunWay,
  readVariable: (name) => optional(process.env, name),
  openTerminals,
});
