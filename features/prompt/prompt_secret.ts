import { isatty } from "node:tty";
import { throwIfAborted } from "../../core/arguments/foreign.ts";
import { LetheError } from "../../core/contract/errors.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { readLine } from "./line_prompt.ts";
import { type CheckedOptions, checkOptions, type PromptOptions } from "./options.ts";
import type { HeldReaders } from "./readers.ts";
import type { Terminal, Terminals } from "./terminal.ts";
import { TerminalPrompt } from "./terminal_prompt.ts";
import { takeTurn } from "./turns.ts";

/**
 * Asks for a secret, and gives it as it was typed: UTF-8, without the end of the line.
 *
 * @param text what is shown in front, for example `"Password: "`; not shown without a terminal
 * @throws {LetheError} `ERR_LETHE_PROMPT_CANCELLED`, `ERR_LETHE_PROMPT_CLOSED`,
 * `ERR_LETHE_PROMPT_EMPTY`, `ERR_LETHE_PROMPT_TOO_LONG`, `ERR_LETHE_PROMPT_BUSY` when something else
 * reads there, `ERR_LETHE_ENCODING`, and `ERR_LETHE_UNAVAILABLE` when there is nothing to read from
 */
export type PromptSecret = (
  secrets: Secrets,
  text: string,
  options?: PromptOptions,
) => Promise<SecretBuffer>;

/** The `promptSecret` of a runtime. `open` is called once, at the first prompt. */
export function promptOpener(open: () => Terminals): PromptSecret {
  let opened: Terminals | undefined;
  return async function promptSecret(secrets, text, options) {
    const checked = checkOptions(text, options);
    return await takeTurn(async () => {
      throwIfAborted(checked.signal);
      opened ??= open();
      const { descriptor } = checked;
      const terminal = descriptor === undefined ? opened.openTerminal() : null;
      return terminal === null
        ? await askSource(opened, descriptor, secrets, checked)
        : await askTerminal(opened, terminal, secrets, text, checked);
    }, checked.signal);
  };
}

async function askTerminal(
  { readers }: Terminals,
  terminal: Terminal,
  secrets: Secrets,
  text: string,
  options: CheckedOptions,
): Promise<SecretBuffer> {
  let held: HeldReaders;
  try {
    held = await readers.hold();
  } catch (error) {
    terminal.close();
    throw error;
  }
  return await new TerminalPrompt(terminal, held, secrets, text, options).run();
}

async function askSource(
  terminals: Terminals,
  descriptor: number | undefined,
  secrets: Secrets,
  options: CheckedOptions,
): Promise<SecretBuffer> {
  const source = descriptor ?? 0;
  if (isatty(source)) throw shown(descriptor);
  if (source === 0) terminals.readers.checkInput();
  return await readLine(terminals.openSource(source), secrets, options);
}

function shown(descriptor: number | undefined): LetheError {
  const reason =
    descriptor === undefined
      ? "standard input is a terminal that this process may not open; give it a terminal of its own user, or on Deno --allow-read=/dev/tty"
      : `descriptor ${descriptor} is a terminal, which would show what is typed; leave descriptor out to be asked there, or hand over a pipe or a file`;
  return new LetheError("ERR_LETHE_UNAVAILABLE", `Cannot prompt for secret: ${reason}`);
}
