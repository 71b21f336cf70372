import { closeSync, openSync } from "node:fs";
import type { SecretBuffer, Secrets } from "../../core/mod.ts";
import { UsageError } from "../command_line/usage_error.ts";
import type { Entry } from "../entry_here.ts";
import { settle, working } from "../output.ts";

/** What asks, and where the answer lands. */
export interface Asking extends Pick<Entry, "promptSecret"> {
  readonly secrets: Secrets;
  /** What the command reads standard input for, if for anything: then no passphrase is taken from there. */
  readonly inputIs?: string | undefined;
}

/**
 * A passphrase: one line from `descriptor`, or else asked for on the terminal; where there is none,
 * one line of standard input. Never an argument: those are in every process list and shell history.
 *
 * @param isNew for a passphrase that nobody has used yet: it is asked for twice on a terminal, and
 * refused if another keyboard could send it as other bytes
 * @throws {UsageError} when the two differ, or when neither a terminal nor standard input is there to ask
 */
export async function askPassphrase(
  asking: Asking,
  text: string,
  descriptor: number | undefined,
  isNew: boolean,
): Promise<SecretBuffer> {
  const { inputIs } = asking;
  if (inputIs !== undefined && descriptor === undefined && !hasTerminal()) {
    throw new UsageError(
      `there is no terminal to ask for the passphrase, and standard input is ${inputIs}; give the passphrase on another descriptor, as --help says`,
    );
  }
  settle();
  const passphrase = await askOnceOrTwice(asking, text, descriptor, isNew);
  working("deriving a key from the passphrase ...");
  return passphrase;
}

async function askOnceOrTwice(
  { promptSecret, secrets }: Asking,
  text: string,
  descriptor: number | undefined,
  isNew: boolean,
): Promise<SecretBuffer> {
  const options = { isNew, ...(descriptor === undefined ? {} : { descriptor }) };
  const passphrase = await promptSecret(secrets, `${text}: `, options);
  if (!isNew || descriptor !== undefined || !hasTerminal()) return passphrase;
  try {
    const second = await promptSecret(secrets, `${text}, again: `, options);
    const same = passphrase.equals(second);
    second.destroy();
    if (same) return passphrase;
    throw new UsageError("the two passphrases differ");
  } catch (error) {
    passphrase.destroy();
    throw error;
  }
}

/** Whether somebody can be asked. */
export function hasTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r+"));
    return true;
  } catch {
    return false;
  }
}
