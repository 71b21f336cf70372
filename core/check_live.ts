import { LetheError } from "./contract/errors.ts";

/**
 * For secrets of Lethe's own that live across a wait: keys of a channel, room to read into. A purge in that time is no
 * misuse of the program, and under `onMisuse: "crash"` does not abort it.
 *
 * @throws {LetheError} `ERR_LETHE_DESTROYED`
 */
export function checkLive(
  { state }: { readonly state: string },
  verb: string,
  reason: string = "its secrets were purged",
): void {
  if (state !== "destroyed") return;
  throw new LetheError("ERR_LETHE_DESTROYED", `Cannot ${verb}: ${reason}`);
}
