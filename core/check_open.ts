import { LetheError } from "./contract/errors.ts";
import { MemorySecrets, partsOf } from "./memory_secrets.ts";

/**
 * Before Lethe makes a secret after a wait. A disposal in that time is no misuse of the program, and under
 * `onMisuse: "crash"` does not abort it. Secrets of another copy of Lethe are not known here: those decide by themselves.
 *
 * @throws {LetheError} `ERR_LETHE_DESTROYED`
 */
export function checkOpen(secrets: unknown, verb: string): void {
  if (!MemorySecrets.is(secrets) || !partsOf(secrets).isDisposed) return;
  throw new LetheError("ERR_LETHE_DESTROYED", `Cannot ${verb}: its Secrets was disposed`);
}
