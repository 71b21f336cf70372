import { outOfRange, wrongKind } from "../../../core/arguments/argument_error.ts";
import { timeOfDate } from "../../../core/arguments/foreign.ts";
import type { KeyPlace } from "./key_pair_types.ts";

/** What may be done with a secret of a custodian. */
export interface SecretPolicy {
  /** Whether `expose` may bring it out of the custodian. Default: false, it is used there alone. */
  readonly mayLeave?: boolean;
  /** How many uses it has, 1 to 2^53 - 1; with the last one it is destroyed. Default: no limit. */
  readonly uses?: number;
  /**
   * When it is destroyed, whether used or not: by the custodian's time of day, or after as long a time by its monotonic
   * clock, whichever comes first. Default: with the custodian.
   */
  readonly expires?: Date;
}

/** The same with every question answered. */
export interface Policy {
  readonly mayLeave: boolean;
  readonly uses: number;
  /** Milliseconds since 1970. */
  readonly expires: number;
  /** Default: the vault. */
  readonly place?: KeyPlace;
}

/** The names of what a policy says. */
export const POLICY = ["mayLeave", "uses", "expires"] as const;

/**
 * @param policy as `readOptions` gives it
 * @throws {TypeError | RangeError} for a value that a policy cannot have
 */
export function checkPolicy(policy: Readonly<Partial<SecretPolicy>>): Policy {
  const { mayLeave = false, uses = Infinity, expires } = policy;
  if (typeof mayLeave !== "boolean") {
    throw wrongKind(`Cannot set policy as mayLeave must be a boolean`, mayLeave);
  }
  if (uses !== Infinity && (!Number.isSafeInteger(uses) || uses < 1)) {
    throw outOfRange("Cannot set policy as uses must be an integer of 1 or more");
  }
  return { mayLeave, uses, expires: timeOf(expires) };
}

function timeOf(expires: unknown): number {
  if (expires === undefined) return Infinity;
  const time = timeOfDate(expires);
  if (time === null) {
    throw wrongKind(`Cannot set policy as expires must be a Date`, expires);
  }
  if (Number.isNaN(time)) throw outOfRange("Cannot set policy as expires is an invalid Date");
  return time;
}
