import { isatty } from "node:tty";
import { UsageError } from "../command_line/usage_error.ts";
import { writeWhole } from "../envelope/target.ts";
import { checkNewFile } from "../new_file.ts";
import { hand } from "../output.ts";

/** Where bytes go: a new file, or a descriptor. */
export interface ForeignTarget {
  /** A file that does not exist yet; undefined: the descriptor. */
  readonly out: string | undefined;
  /** Default: standard output. */
  readonly descriptor: number | undefined;
  /** A private key may be shown on a terminal. */
  readonly toTerminal: boolean;
}

/**
 * Refuses a terminal, and a file that cannot be made, before anybody types a passphrase.
 *
 * @throws {UsageError}
 * @throws {NotPossibleError | FileError}
 */
export function checkTarget({ out, descriptor = 1, toTerminal }: ForeignTarget): void {
  if (out !== undefined) {
    checkNewFile(out);
    return;
  }
  if (!isatty(descriptor) || toTerminal) return;
  throw new UsageError(
    "a private key would be shown on the terminal: give --out FILE, or --to-terminal if you mean it",
  );
}

/**
 * Writes to the target. A file is new, never over another one, has the mode 0600 at most, is synced, and gets its name
 * once it is whole.
 */
export function writeTarget({ out, descriptor = 1 }: ForeignTarget, bytes: Uint8Array): void {
  if (out === undefined) {
    hand(bytes, descriptor);
    return;
  }
  writeWhole(out, (write) => write(bytes));
}
