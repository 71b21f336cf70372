import { closeSync, openSync } from "node:fs";
import type { SecretBuffer, Secrets } from "../../core/mod.ts";
import { UsageError } from "../command_line/usage_error.ts";
import type { Entry } from "../entry_here.ts";
import { settle, working } from "../output.ts";

/** What asks, and where the answer lands. */
export interface Asking extends Pick<Entry, "promptSecret"> {
  readonly secrets: Secrets;
}

/**
 * A passphrase: one line from `descriptor`, or else asked for on the terminal; where there is none,
 * one line of standard input. Never an argument: those are in every process list and shell history.
 *
 * @param isNew for a passphrase that nobody has used yet: it is asked for twice on a terminal, and
 * refused if another keyboard could send it as other bytes
 * @throws {UsageError} when the two differ
 */
export async function askPassphrase(
  { promptSecret, secrets }: Asking,
  text: string,
  descriptor: number | undefined,
  isNew: boolean,
): Promise<SecretBuffer> {
  settle();
  const passphrase = await askOnceOrTwice({ promptSecret, secrets }, text, descriptor, isNew);
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
