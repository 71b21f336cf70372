/**
 * The SSH agent on Deno.
 *
 * @module
 */
export type * from "../../../features/agent/types.ts";
export { openAgent } from "../agent.ts";
