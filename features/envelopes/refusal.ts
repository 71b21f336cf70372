import { LetheError } from "../../core/contract/errors.ts";

/** Not an age file, or none that can be read. `what` is a fact about the file. */
export function malformed(what: string, remedy: string = "restore the file"): LetheError {
  return new LetheError("ERR_LETHE_ENVELOPE_FORMAT", `Cannot read envelope: ${what}; ${remedy}`);
}

/** A stanza of a known type with arguments or a body that its type does not have. */
export function malformedStanza(type: string): LetheError {
  return malformed(`its ${type} stanza has not the form of that type`);
}

export function forged(what: string): LetheError {
  return new LetheError(
    "ERR_LETHE_FORGED",
    `Cannot open envelope: ${what}; it was altered or cut after it was sealed; restore the file`,
  );
}
