/**
 * Prompts for secrets on Node.js.
 *
 * @module
 */
export type * from "../../../features/prompt/types.ts";
export { promptSecret } from "../prompt.ts";
