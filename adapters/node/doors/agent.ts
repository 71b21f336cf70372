/**
 * The SSH agent on Node.js.
 *
 * @module
 */
export type * from "../../../features/agent/types.ts";
export { openAgent } from "../agent.ts";
