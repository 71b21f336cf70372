import { LetheError } from "../../core/contract/errors.ts";

/** A text that is not a recipient. `why` quotes nothing of it. */
export function refused(why: string): LetheError {
  return new LetheError("ERR_LETHE_KEY_FORMAT", `Cannot parse recipient: ${why}`);
}
