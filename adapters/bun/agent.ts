import { agentOpener, bunListener, type OpenAgent } from "../../features/agent/mod.ts";
import { bunFfi } from "./ffi.ts";
import { runtime } from "./runtime.ts";

/**
 * Opens an SSH agent over a custodian, on Bun. See docs/agent.md.
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
export const openAgent: OpenAgent = agentOpener({
  runtime,
  listening: {
    listen: bunListener(bunFfi),
    arrival: "the one buffer of Bun's event loop, overwritten before the answer",
  },
  openFfi: bunFfi,
});
