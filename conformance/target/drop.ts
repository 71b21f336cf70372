import type { SecretBuffer } from "../../core/mod.ts";
import { collect } from "./collect.ts";
import type { TargetReplies } from "./requests.ts";

/**
 * Empties `held`, so that nobody holds its secrets any more, and lets the collector find them for
 * at most so many milliseconds.
 *
 * What was collected is told by references of its own, and not by what is under test.
 */
export async function drop(
  held: (readonly SecretBuffer[])[],
  milliseconds: number,
): Promise<TargetReplies["drop"]> {
  const references = held.flat().map((secret) => new WeakRef(secret));
  held.length = 0;
  const end = performance.now() + milliseconds;
  const alive = (): number => references.filter((each) => each.deref() !== undefined).length;
  do {
    // A reference that was looked at keeps its secret for the rest of the tick.
    await turn();
    scrubStack(64);
    collect();
    await turn();
  } while (alive() > 0 && performance.now() < end);
  await turn();
  return { dropped: references.length, collected: references.length - alive() };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

/** A collector that reads the stack conservatively keeps what a stale word on it points to. */
function scrubStack(depth: number): number {
  return depth === 0 ? 0 : 1 + scrubStack(depth - 1);
}
