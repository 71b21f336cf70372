// The program age, where it is installed: Debian has it.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

export const AGE = "/usr/bin/age";
export const AGE_KEYGEN = "/usr/bin/age-keygen";
export const hasAge: boolean = existsSync(AGE) && existsSync(AGE_KEYGEN);
export const WITHOUT_AGE: string = hasAge
  ? ""
  : " (skipped: no /usr/bin/age, which apt-get install age brings)";

/** What age says, given `input`. */
export function age(words: readonly string[], input: Uint8Array = new Uint8Array(0)): Buffer {
  return execFileSync(AGE, words, { input, stdio: ["pipe", "pipe", "pipe"], maxBuffer: 2 ** 28 });
}

/** The text of a new identity file. */
export function newIdentityFile(): Buffer {
  return execFileSync(AGE_KEYGEN, [], { stdio: ["ignore", "pipe", "ignore"] });
}
