import { isThenable } from "./arguments/thenable.ts";
import { LetheError } from "./contract/errors.ts";

/**
 * Runs work for a timer or the garbage collector. No caller can catch its errors, and an uncaught one would
 * crash the program, so they are logged: also those of a promise that it returns, as an async listener does.
 *
 * @param told the line to log, or null for none; it gets the code of the error
 */
export function inBackground(work: () => unknown, told: (code: string) => string | null): void {
  try {
    const pending = work();
    if (isThenable(pending)) void logRejection(pending, told);
  } catch (error) {
    log(error, told);
  }
}

async function logRejection(
  pending: unknown,
  told: (code: string) => string | null,
): Promise<void> {
  try {
    await pending;
  } catch (error) {
    log(error, told);
  }
}

function log(error: unknown, told: (code: string) => string | null): void {
  const line = told(error instanceof LetheError ? error.code : "its memory failed");
  if (line !== null) console.warn(line);
}

/** What core needs of the runtime's console. */
declare const console: { warn(line: string): void };
