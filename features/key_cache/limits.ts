import { wrongKind, wrongType } from "../../core/arguments/argument_error.ts";
import { checkInteger } from "../../core/arguments/check_integer.ts";
import { readOptions } from "../../core/arguments/options.ts";
import type { CacheLimits } from "./types.ts";

export const VERB = "cache file keys";

/** The largest value of each limit. More would be no limit. */
const MOST: Readonly<Record<keyof CacheLimits, number>> = {
  maxAge: 86_400_000,
  uses: 2 ** 32,
  entries: 100_000,
};

const NAMES = ["maxAge", "uses", "entries"] as const;

/** @throws {TypeError | RangeError} unless all three are there */
export function checkLimits(given: CacheLimits): CacheLimits {
  if (typeof given !== "object" || given === null) {
    throw wrongKind(`Cannot ${VERB} as limits must have maxAge, uses and entries`, given);
  }
  const limits = readOptions<CacheLimits>(given, VERB, NAMES, "limits");
  const missing = NAMES.filter((name) => limits[name] === undefined);
  if (missing.length > 0) {
    throw wrongType(
      `Cannot ${VERB} as limits must have maxAge, uses and entries, none of which has a default: there is no ${missing.join(", ")}`,
    );
  }
  for (const name of NAMES) checkInteger(limits[name], VERB, name, 1, MOST[name]);
  return limits as CacheLimits;
}
