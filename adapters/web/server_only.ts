import { LetheError } from "../../core/contract/errors.ts";
import { type EntryHere, misplaced } from "../../system/misplaced.ts";

/** A feature that this entry does not have, and where to have it. */
export function refusal(feature: string, entry: EntryHere): LetheError {
  const reason = misplaced(entry) ?? "it takes Node.js, Deno or Bun";
  return new LetheError("ERR_LETHE_UNAVAILABLE", `Cannot ${feature}: ${reason}`);
}

/**
 * Stands for a feature of servers, which this entry does not have. An import of it is not a syntax error
 * then, which would tell nothing of the reason; the call is an error that does.
 *
 * @param feature what cannot be done, as the error says it
 */
export function serverOnly(feature: string, entry: EntryHere): () => never {
  return () => {
    throw refusal(feature, entry);
  };
}

/** The same for a feature that gives a promise. */
export function serverOnlyAsync(feature: string, entry: EntryHere): () => Promise<never> {
  return () => Promise.reject(refusal(feature, entry));
}
