/**
 * What `lethe/custodian` is to a tool that knows no server runtime. A type checker finds here what the servers
 * have; a call is an `ERR_LETHE_UNAVAILABLE` with the reason.
 *
 * @module
 */
import type { OpenCustodian } from "../../../features/custodian/types.ts";
import type { EntryHere } from "../../../system/misplaced.ts";
import { serverOnlyAsync } from "../server_only.ts";

export type * from "../../../features/custodian/types.ts";

const ENTRY: EntryHere = {
  kind: "web",
  taken: '"lethe/custodian" by a condition for the web',
};

/**
 * Starts a process that holds secrets for this one: on Node.js, Deno and Bun. See docs/custodian.md.
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
export const openCustodian: OpenCustodian = /* @__PURE__ */ serverOnlyAsync(
  "open custodian",
  ENTRY,
);
