/**
 * Prompts for secrets on Bun.
 *
 * @module
 */
export type * from "../../../features/prompt/types.ts";
export { promptSecret } from "../prompt.ts";
