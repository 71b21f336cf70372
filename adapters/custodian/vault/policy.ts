import { kindOf } from "../../../core/bytes.ts";

/** What may be done with a secret of a custodian. */
export interface SecretPolicy {
  /** Whether `expose` may bring it out of the custodian. Default: false, it is used there alone. */
  readonly mayLeave?: boolean;
  /** How many uses it has, 1 to 2^53 - 1; with the last one it is destroyed. Default: no limit. */
  readonly uses?: number;
  /** When it is destroyed, whether used or not. Default: with the custodian. */
  readonly expires?: Date;
}

/** The same with every question answered. */
export interface Policy {
  readonly mayLeave: boolean;
  readonly uses: number;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** @throws {TypeError | RangeError} for a policy that says something else than these three */
export function checkPolicy(policy: SecretPolicy): Policy {
  const {
    mayLeave = false,
    uses = Infinity,
    expires,
    ...rest
  } = Object.assign(Object.create(null), policy) as SecretPolicy;
  const unknown = Object.keys(rest);
  if (unknown.length > 0) {
    throw new TypeError(
      `Cannot set policy as there is no ${unknown.join(", ")}: there are mayLeave, uses, expires`,
    );
  }
  if (typeof mayLeave !== "boolean") {
    throw new TypeError(
      `Cannot set policy as mayLeave must be a boolean: current value is ${kindOf(mayLeave)}`,
    );
  }
  if (uses !== Infinity && (!Number.isSafeInteger(uses) || uses < 1)) {
    throw new RangeError("Cannot set policy as uses must be an integer of 1 or more");
  }
  return { mayLeave, uses, expires: timeOf(expires) };
}

function timeOf(expires: unknown): number {
  if (expires === undefined) return Infinity;
  if (!(expires instanceof Date)) {
    throw new TypeError(
      `Cannot set policy as expires must be a Date: current value is ${kindOf(expires)}`,
    );
  }
  const time = expires.getTime();
  if (Number.isNaN(time)) throw new RangeError("Cannot set policy as expires is an invalid Date");
  return time;
}
