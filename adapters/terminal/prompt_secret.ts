import { reasonOf, type Signal, throwIfAborted } from "../../core/foreign.ts";
import type { SecretBuffer } from "../../core/secret_buffer.ts";
import type { Secrets } from "../../core/secrets.ts";
import { readLine } from "./line_prompt.ts";
import { checkOptions, type PromptOptions } from "./options.ts";
import type { Terminals } from "./terminal.ts";
import { TerminalPrompt } from "./terminal_prompt.ts";

/**
 * Asks for a secret, and gives it as it was typed: UTF-8, without the end of the line.
 *
 * @param text what is shown in front, for example `"Password: "`; not shown without a terminal
 * @throws {LetheError} `ERR_LETHE_PROMPT_CANCELLED`, `ERR_LETHE_PROMPT_CLOSED`,
 * `ERR_LETHE_PROMPT_EMPTY`, `ERR_LETHE_PROMPT_TOO_LONG`, `ERR_LETHE_ENCODING`, and
 * `ERR_LETHE_UNAVAILABLE` when there is nothing to read from
 */
export type PromptSecret = (
  secrets: Secrets,
  text: string,
  options?: PromptOptions,
) => Promise<SecretBuffer>;

/**
 * The `promptSecret` of a runtime. `open` is called once, at the first prompt. One prompt is open at
 * a time; the next one waits for it.
 */
export function promptOpener(open: () => Terminals): PromptSecret {
  let last: Promise<unknown> = Promise.resolve();
  let opened: Terminals | undefined;
  return async function promptSecret(secrets, text, options) {
    const checked = checkOptions(text, options);
    const ask = async (): Promise<SecretBuffer> => {
      throwIfAborted(checked.signal);
      opened ??= open();
      const { descriptor } = checked;
      const terminal = descriptor === undefined ? opened.openTerminal() : null;
      return terminal === null
        ? await readLine(opened.openSource(descriptor ?? 0), secrets, checked)
        : await new TerminalPrompt(terminal, secrets, text, checked).run();
    };
    const before = last;
    const asked = turnAfter(before, checked.signal).then(ask);
    last = before.then(() => asked).catch(() => undefined);
    return await asked;
  };
}

/** Resolves when the prompts before have ended. Rejects when the signal comes first. */
function turnAfter(before: Promise<unknown>, signal: Signal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      if (signal !== undefined) reject(reasonOf(signal));
    };
    if (signal?.aborted === true) abort();
    signal?.addEventListener("abort", abort);
    before.then(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    });
  });
}
