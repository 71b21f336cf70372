import { ALLOCATION } from "./allocation.ts";
import { CLAIMS } from "./claims.ts";
import { ENDS } from "./ends.ts";
import type { FaultySubject } from "./faulty_subject.ts";
import { INHERITED } from "./inherited.ts";
import { LIFETIMES } from "./lifetimes.ts";
import { MAKING } from "./making.ts";
import { OPTIONAL_METHODS } from "./optional_methods.ts";
import { SCOPES } from "./scopes.ts";
import { TEXTS } from "./texts.ts";
import { VIEWS } from "./views.ts";
import { WIPING } from "./wiping.ts";

export { withCanary } from "./canary_memory.ts";
export type { FaultySubject } from "./faulty_subject.ts";

/** Every faulty memory and library. Each fails the requirement that it breaks, and no other. */
export const FAULTY: readonly FaultySubject[] = [
  ...[...WIPING, ...VIEWS, ...ALLOCATION, ...CLAIMS, ...INHERITED, ...OPTIONAL_METHODS],
  ...[...MAKING, ...LIFETIMES, ...SCOPES, ...TEXTS, ...ENDS],
];

/** @throws {TypeError} when there is none of that name */
export function faultySubject(name: string | undefined): FaultySubject {
  const found = FAULTY.find((candidate) => candidate.name === name);
  if (found === undefined) throw new TypeError(`Cannot open faulty subject ${name}: there is none`);
  return found;
}
