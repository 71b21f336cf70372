import { ALLOCATION } from "./allocation.ts";
import { CLAIMS } from "./claims.ts";
import type { FaultyMemory } from "./faulty_memory.ts";
import { VIEWS } from "./views.ts";
import { WIPING } from "./wiping.ts";

export { withCanary } from "./canary_memory.ts";
export type { FaultyMemory } from "./faulty_memory.ts";

/** Every faulty memory. Each fails the requirement that it breaks, and no other. */
export const FAULTY: readonly FaultyMemory[] = [...WIPING, ...VIEWS, ...ALLOCATION, ...CLAIMS];

/** @throws {TypeError} when there is none of that name */
export function faultyMemory(name: string | undefined): FaultyMemory {
  const found = FAULTY.find((candidate) => candidate.name === name);
  if (found === undefined) throw new TypeError(`Cannot open faulty memory ${name}: there is none`);
  return found;
}
