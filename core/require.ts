import { wrongType } from "./arguments/argument_error.ts";
import type { LetheErrorCode } from "./contract/errors.ts";
import { GUARANTEE_NAMES, type GuaranteeName, type Guarantees } from "./contract/guarantees.ts";

/** A required guarantee that is missing. */
export interface Unmet {
  readonly code: Extract<LetheErrorCode, "ERR_LETHE_LOCK" | "ERR_LETHE_REQUIRE">;
  /** What is missing, why, and what to do about it. */
  readonly reason: string;
}

/** The first of `required` that `table` does not enforce, or null. */
export function unmet(required: readonly GuaranteeName[], table: Guarantees): Unmet | null {
  for (const name of required) {
    const { level, evidence } = table[name];
    if (level === "enforced") continue;
    return {
      code: name === "locked" ? "ERR_LETHE_LOCK" : "ERR_LETHE_REQUIRE",
      reason: `it requires ${name}, which is ${level === "none" ? "not given" : level} here (${evidence}); ${name === "locked" ? lockRemedy : STRONGER}`,
    };
  }
  return null;
}

/**
 * A copy of `value`, so that what was checked is what is required.
 *
 * @throws {TypeError} unless `value` is a list of guarantee names
 */
export function checkRequire(value: unknown): readonly GuaranteeName[] {
  const names: readonly unknown[] = GUARANTEE_NAMES;
  const required: readonly GuaranteeName[] | null = Array.isArray(value) ? [...value] : null;
  if (required?.every((name) => names.includes(name))) return required;
  throw wrongType(
    `Cannot open secrets as require must be an array of guarantees: each is one of ${GUARANTEE_NAMES.join(", ")}`,
  );
}

const STRONGER =
  "choose a memory that has it (`lethe doctor` lists them for this machine) or do not require it";

let lockRemedy = STRONGER;

/** From here on a missing lock is told with what can be done about it on this server. A page can do nothing. */
export function giveLockRemedy(remedy: string): void {
  lockRemedy = remedy;
}
