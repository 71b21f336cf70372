import { optional } from "./arguments/own.ts";
import type { Capacity, SecretMemory } from "./contract/memory.ts";

/** What `memory` says that it has room for, or null where it cannot tell or makes no sense. */
export function capacityOf(memory: SecretMemory, byteLength: number): Capacity | null {
  const capacity = optional(memory, "capacity");
  const given = capacity && Reflect.apply(capacity, memory, [byteLength]);
  if (given === undefined || !isCount(given.regions) || !isCount(given.locked)) return null;
  const { regions, locked } = given;
  return locked > regions ? null : Object.freeze({ regions, locked });
}

function isCount(value: unknown): boolean {
  return value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && (value as number) >= 0);
}
