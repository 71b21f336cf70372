/**
 * Prompts for secrets on Deno.
 *
 * @module
 */
export type * from "../../../features/prompt/types.ts";
export { promptSecret } from "../prompt.ts";
