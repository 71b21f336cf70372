/**
 * Secrets typed at a terminal, or handed over on a descriptor, without a string.
 *
 * @module
 */
export { FfiTerminals } from "./ffi_terminal.ts";
export { fileTerminals, type RuntimeWays } from "./file_terminal.ts";
export { LentTerminal, type Remember } from "./lent_terminal.ts";
export type { PromptOptions } from "./options.ts";
export { type PromptSecret, promptOpener } from "./prompt_secret.ts";
export type { ByteSource, RawMode, ReadOutcome, Terminal, Terminals } from "./terminal.ts";
