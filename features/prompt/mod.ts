/**
 * Secrets typed at a terminal, or handed over on a descriptor, without a string.
 *
 * @module
 */
export { FfiTerminals } from "./ffi_terminal.ts";
export { isNonBlocking } from "./file_source.ts";
export { fileTerminals, type RuntimeWays } from "./file_terminal.ts";
export { HeldMode } from "./held_mode.ts";
export { LentTerminal } from "./lent_terminal.ts";
export type { PromptOptions } from "./options.ts";
export { whyNoText } from "./plain_text.ts";
export { unset } from "./prompt_errors.ts";
export { type PromptSecret, promptOpener } from "./prompt_secret.ts";
export type { HeldReaders, Readers } from "./readers.ts";
export { readAhead, unholdable } from "./readers.ts";
export { checkStream, ownStreams, streamReaders } from "./stream_readers.ts";
export type { ByteSource, RawMode, ReadOutcome, Terminal, Terminals } from "./terminal.ts";
