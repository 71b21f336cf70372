import type { CallerDescriptor } from "../caller_descriptors.ts";
import { NotPossibleError } from "../command_line/usage_error.ts";
import { FIRST, type Wanted } from "./parameters.ts";

/**
 * The number under which the command gets each secret: the one that was asked for, or the lowest one
 * from 3 on that nothing else has. What the caller handed on keeps its own.
 *
 * @throws {NotPossibleError} when a number that was asked for is the caller's
 */
export function numbersFor(
  wanted: readonly Wanted[],
  callers: readonly CallerDescriptor[],
): readonly number[] {
  const taken = new Set(callers.map(({ number }) => number));
  for (const { name, descriptor } of wanted) {
    if (descriptor === null) continue;
    if (taken.has(descriptor)) {
      throw new NotPossibleError(
        `${name} cannot have the descriptor ${descriptor}: lethe run was started with another one of that number, which the command gets; close it (${descriptor}<&-) or choose another`,
      );
    }
    taken.add(descriptor);
  }
  let next = FIRST;
  return wanted.map(({ descriptor }) => {
    if (descriptor !== null) return descriptor;
    while (taken.has(next)) next += 1;
    taken.add(next);
    return next;
  });
}
