/**
 * An SSH agent whose private keys are in a custodian.
 *
 * @module
 */
export { bunListener } from "./listen/bun_listener.ts";
export { listenByNet } from "./listen/net_listener.ts";
export { type AgentHost, agentOpener } from "./open_agent.ts";
export { createSsh2Agent } from "./ssh2_agent.ts";
export type * from "./types.ts";
