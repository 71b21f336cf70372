import { LetheError } from "./contract/errors.ts";

/**
 * Runs work for a timer or the garbage collector. No caller can catch its errors, and an uncaught one would
 * crash the program, so they are logged.
 *
 * @param told the line to log, or null for none; it gets the code of the error
 */
export function inBackground(work: () => void, told: (code: string) => string | null): void {
  try {
    work();
  } catch (error) {
    const line = told(error instanceof LetheError ? error.code : "its memory failed");
    if (line !== null) console.warn(line);
  }
}

/** What core needs of the runtime's console. */
declare const console: { warn(line: string): void };
