/**
 * The types of prompts, which compile without those of Node.js.
 *
 * @module
 */
export type { PromptOptions } from "./options.ts";
export type { PromptSecret } from "./prompt_secret.ts";
export type { RawMode, Terminals } from "./terminal.ts";
