import { openSecrets } from "../../adapters/node/mod.ts";
import type { Secrets } from "../../core/mod.ts";

/** The two ends that a call may have whose secrets are purged. */
export const PURGED_OR_DONE: ReadonlySet<string> = new Set([
  "ERR_LETHE_DESTROYED its secrets were purged",
  "none",
]);

/**
 * How a call ends when its secrets are purged at its first wait, at its second and so on, until a purge comes too late. A
 * stream may not have begun when the first ones come.
 *
 * @param prepare what is to be there before; gives the call
 */
export async function endingsOfPurges(
  prepare: () => Promise<(own: Secrets) => Promise<unknown>>,
): Promise<ReadonlySet<string>> {
  const endings: string[] = [];
  for (let waits = 0; waits < 500 && !/purged,none$/.test(endings.join()); waits++) {
    const call = await prepare();
    const own = openSecrets({ memory: "heap" });
    const ending = call(own).then(
      () => "none",
      ({ code, message }) => `${code} ${message.replace(/^.*: /, "")}`,
    );
    for (let wait = 0; wait < waits; wait++) await null;
    own.purge();
    endings.push(await ending);
    own[Symbol.dispose]();
  }
  return new Set(endings);
}
