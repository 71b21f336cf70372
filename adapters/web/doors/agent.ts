/**
 * What `lethe/agent` is to a tool that knows no server runtime. A type checker finds here what the servers
 * have; a call is an `ERR_LETHE_UNAVAILABLE` with the reason.
 *
 * @module
 */
import type { OpenAgent } from "../../../features/agent/types.ts";
import type { EntryHere } from "../../../system/misplaced.ts";
import { serverOnlyAsync } from "../server_only.ts";

export type * from "../../../features/agent/types.ts";

const ENTRY: EntryHere = {
  kind: "web",
  taken: '"lethe/agent" by a condition for the web',
};

/**
 * Opens an SSH agent over a custodian: on Node.js, Deno and Bun. See docs/agent.md.
 *
 * @example
 * ```ts
 * import { openAgent } from "lethe/agent";
 * import { openCustodian } from "lethe/custodian";
 *
 * const custodian = await openCustodian();
 * const publicKey = await custodian.generate("me", "ed25519");
 * const agent = await openAgent(custodian);
 * agent.add("me", { type: "ed25519", publicKey });
 * console.log(agent.path); // for SSH_AUTH_SOCK
 * await agent.close();
 * await custodian.close();
 * ```
 */
export const openAgent: OpenAgent = /* @__PURE__ */ serverOnlyAsync("open agent", ENTRY);
