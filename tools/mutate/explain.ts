/** Brings survivors and the list of {@link ACCEPTED} together. */

import type { Accepted } from "./accepted/explanation.ts";
import { ACCEPTED } from "./accepted.ts";
import { keyOf } from "./choice.ts";
import type { Survivor } from "./results.ts";

/** The explanation of each survivor. One explanation is not used for more mutants than it names. */
export function explain(
  survivors: readonly Survivor[],
  accepted: readonly Accepted[] = ACCEPTED,
): readonly (Accepted | undefined)[] {
  const used = new Map<Accepted, number>();
  return survivors.map((survivor) => {
    const found = accepted.find((one) => keyOf(one) === keyOf(survivor));
    if (found === undefined) return undefined;
    const count = (used.get(found) ?? 0) + 1;
    used.set(found, count);
    return count <= (found.times ?? 1) ? found : undefined;
  });
}
