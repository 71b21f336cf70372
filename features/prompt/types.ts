/**
 * The types of prompts, which compile without those of Node.js.
 *
 * @module
 */
export type { SignalLike } from "../../core/arguments/foreign.ts";
export type { PromptOptions } from "./options.ts";
export type { PromptSecret } from "./prompt_secret.ts";
