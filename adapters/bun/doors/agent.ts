/**
 * The SSH agent on Bun.
 *
 * @module
 */
export type * from "../../../features/agent/types.ts";
export { openAgent } from "../agent.ts";
