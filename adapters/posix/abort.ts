import { writeSync } from "node:fs";
import process from "node:process";

/**
 * Ends the process by SIGABRT: one line on standard error and nothing else.
 *
 * `process.abort()` alone would print Node's native and JavaScript stacks below that line. It stays
 * as the backstop for an application that handles SIGABRT itself.
 */
export function abort(line: string): never {
  try {
    writeSync(2, `${line}\n`);
  } catch {
    // Standard error is closed or full: there is nobody to tell, and the process still ends.
  }
  process.kill(process.pid, "SIGABRT");
  process.abort();
}
