/**
 * The SSH agent on Bun.
 *
 * @module
 */
export { createSsh2Agent } from "../../../features/agent/mod.ts";
export type * from "../../../features/agent/types.ts";
export { openAgent } from "../agent.ts";
