import { optional } from "./arguments/own.ts";
import type { Region, SecretMemory } from "./contract/memory.ts";

/** A region and the memory that it came from. */
export interface Placed {
  readonly region: Region;
  readonly memory: SecretMemory;
}

/**
 * Detaches and closes regions, those of one memory by one request, as far as their memories can.
 * Never throws, and promises nothing: each region is to be closed by itself afterwards, which costs
 * nothing where it is done already. What failed here, fails again and is told there.
 */
export function closeTogether(placed: readonly Placed[]): void {
  const together = new Map<SecretMemory, Region[]>();
  for (const { region, memory } of placed) {
    const regions = together.get(memory);
    if (regions === undefined) together.set(memory, [region]);
    else regions.push(region);
  }
  for (const [memory, regions] of together) {
    const protectAll = regions.length < 2 ? undefined : optional(memory, "protectAll");
    if (protectAll === undefined) continue;
    try {
      for (const region of regions) region.detach();
      Reflect.apply(protectAll, memory, [regions, "no-access"]);
    } catch {
      // See above.
    }
  }
}
