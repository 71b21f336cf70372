import { LetheError } from "./contract/errors.ts";

/**
 * Does what nobody asked for just now, on behalf of a timer or the garbage collector: there nobody could
 * catch an error, and it would end the program at a moment that nobody chose. It is told on the console.
 *
 * @param told the line, or null for none, given a code or what else is known
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
