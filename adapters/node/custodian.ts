import { optional } from "../../core/arguments/own.ts";
import { custodianOpener, type OpenCustodian } from "../../features/custodian/open_custodian.ts";
import { process } from "../../system/node_builtins.ts";
import { nodeWay } from "./custodian_way.ts";
import { NODE_ENTRY } from "./entry.ts";
import { openTerminals } from "./prompt.ts";
import { runtime } from "./runtime.ts";

/**
 * Starts a Node.js process that holds secrets for this one: under `--secure-heap` and the permission
 * model. See docs/custodian.md.
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
  entry: NODE_ENTRY,
  way: nodeWay,
  readVariable: (name) => optional(process.env, name),
  openTerminals,
});
