/**
 * What `lethe/agent` is to a tool that knows no server runtime. A type checker finds here what the servers
 * have; a call is an `ERR_LETHE_UNAVAILABLE` with the reason.
 *
 * @module
 */
import type { CreateSsh2Agent, OpenAgent } from "../../../features/agent/types.ts";
import type { EntryHere } from "../../../system/misplaced.ts";
import { serverOnly, serverOnlyAsync } from "../server_only.ts";

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

/**
 * Makes an agent for the package `ssh2` over a custodian: on Node.js, Deno and Bun. See docs/agent.md.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` here
 *
 * @example
 * ```ts
 * import { createSsh2Agent } from "lethe/agent";
 * import { openCustodian } from "lethe/custodian";
 * import ssh2 from "ssh2";
 *
 * const custodian = await openCustodian();
 * const publicKey = await custodian.generate("deploy", "ed25519");
 * const agent = createSsh2Agent(ssh2.BaseAgent, custodian, [
 *   { name: "deploy", type: "ed25519", publicKey },
 * ]);
 * console.log(agent instanceof ssh2.BaseAgent); // true: client.connect({ host, username, agent })
 * await custodian.close();
 * ```
 */
export const createSsh2Agent: CreateSsh2Agent = /* @__PURE__ */ serverOnly(
  "create agent for ssh2",
  ENTRY,
);
