import type { ConformanceCase } from "../conformance_case.ts";
import { ARGUMENTS } from "./arguments.ts";
import { BUFFER } from "./buffer.ts";
import { CANARY } from "./canary.ts";
import { CODEC } from "./codec.ts";
import { DERIVED } from "./derived.ts";
import { ENDING } from "./ending.ts";
import { ENDURANCE } from "./endurance.ts";
import { HONESTY } from "./honesty.ts";
import { INHERITANCE } from "./inheritance.ts";
import { KERNEL_FLAGS } from "./kernel_flags.ts";
import { LIFECYCLE } from "./lifecycle.ts";
import { MAKING } from "./making.ts";
import { OPTIONAL_METHODS } from "./optional_methods.ts";
import { PAGES } from "./pages.ts";
import { PORT } from "./port.ts";
import { PROCESS_END } from "./process_end.ts";
import { REDACTION } from "./redaction.ts";
import { RESIDUE } from "./residue.ts";

/** The requirements that a process can check on itself. They run wherever JavaScript does. */
export const FROM_INSIDE: readonly ConformanceCase[] = [
  ...PORT,
  ...OPTIONAL_METHODS,
  ...[
    ...HONESTY,
    ...ARGUMENTS,
    ...MAKING,
    ...LIFECYCLE,
    ...ENDING,
    ...BUFFER,
    ...DERIVED,
    ...CODEC,
    ...REDACTION,
    ...CANARY,
  ].map(aboveThePort),
];

/** The requirements that are seen from another process. */
export const FROM_OUTSIDE: readonly ConformanceCase[] = [
  ...RESIDUE,
  ...PAGES,
  ...KERNEL_FLAGS,
  ...INHERITANCE,
  ...ENDURANCE,
  ...PROCESS_END,
].map(fromOutside);

/** Every requirement of SPEC.md. A requirement comes after those that it rests on. */
export const CASES: readonly ConformanceCase[] = [...FROM_INSIDE, ...FROM_OUTSIDE];

/** In a memory whose regions have another length than was asked for, no secret can be made. */
function aboveThePort(one: ConformanceCase): ConformanceCase {
  return { ...one, rests: ["M10", ...(one.rests ?? [])] };
}

/** Where the bytes do not stay, there is nothing to look for. */
function fromOutside(one: ConformanceCase): ConformanceCase {
  return aboveThePort({ ...one, rests: ["M11", ...(one.rests ?? [])] });
}
