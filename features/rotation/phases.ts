/**
 * Where a rotating secret stands.
 *
 * - `single`: one record serves
 * - `overlapping`: one serves, and the one before it is still there
 * - `expired`: the record that served has expired, and no other came
 * - `purged`: somebody else destroyed the secrets of the record that served
 * - `closed`: for good
 */
export type RotationPhase = "single" | "overlapping" | "expired" | "purged" | "closed";

/**
 * What can happen to it. `same` and `other` are a read that gave the bytes that serve, or other ones; where
 * none serve, every read gives other ones.
 */
export type RotationInput = "same" | "other" | "overlap-ends" | "expires" | "purge" | "close";

/**
 * What is done about it, in this order.
 *
 * - `retire-previous`, `retire-current`: no new scope gets the record, which is destroyed when its scopes end
 * - `demote`: the current record becomes the previous one
 * - `install`: the record that was read becomes the current one
 * - `extend`: the current record takes over the version of the one that was read, and when that expires
 * - `discard`: the record that was read is destroyed
 */
export type RotationStep =
  | "retire-previous"
  | "retire-current"
  | "demote"
  | "install"
  | "extend"
  | "discard";

/** The phase that follows, and the steps on the way. */
export interface RotationOutcome {
  readonly phase: RotationPhase;
  readonly steps: readonly RotationStep[];
}

/** All phases, in the order of the table's rows. */
export const ROTATION_PHASES: readonly RotationPhase[] = [
  "single",
  "overlapping",
  "expired",
  "purged",
  "closed",
];

/** All inputs, in the order of the table's columns. */
export const ROTATION_INPUTS: readonly RotationInput[] = [
  "same",
  "other",
  "overlap-ends",
  "expires",
  "purge",
  "close",
];

function to(phase: RotationPhase, ...steps: readonly RotationStep[]): RotationOutcome {
  return { phase, steps };
}

const BOTH = ["retire-previous", "retire-current"] as const;

// PHASE-1  nothing leaves `closed`; a read that comes late is destroyed
// PHASE-2  at most two records can be used, and exactly one of them serves
// PHASE-3  nothing is used once it has expired: the previous record goes with the current one
// PHASE-4  a record is installed or destroyed, and never kept beside the two
// PHASE-5  only a read leads out of `expired` and `purged`
const NEXT: Readonly<
  Record<RotationPhase, Readonly<Record<RotationInput, RotationOutcome | null>>>
> = {
  single: {
    same: to("single", "extend", "discard"),
    other: to("overlapping", "demote", "install"),
    "overlap-ends": null,
    expires: to("expired", "retire-current"),
    purge: to("purged", "retire-current"),
    close: to("closed", "retire-current"),
  },
  overlapping: {
    same: to("overlapping", "extend", "discard"),
    other: to("overlapping", "retire-previous", "demote", "install"),
    "overlap-ends": to("single", "retire-previous"),
    expires: to("expired", ...BOTH),
    purge: to("purged", ...BOTH),
    close: to("closed", ...BOTH),
  },
  expired: {
    same: null,
    other: to("single", "install"),
    "overlap-ends": null,
    expires: null,
    purge: null,
    close: to("closed"),
  },
  purged: {
    same: null,
    other: to("single", "install"),
    "overlap-ends": null,
    expires: null,
    purge: null,
    close: to("closed"),
  },
  closed: {
    same: null,
    other: to("closed", "discard"),
    "overlap-ends": null,
    expires: null,
    purge: null,
    close: to("closed"),
  },
};

/**
 * What follows.
 *
 * @throws {Error} for what cannot happen in this phase, which is a bug of the caller
 */
export function nextPhase(phase: RotationPhase, input: RotationInput): RotationOutcome {
  const outcome = NEXT[phase][input];
  if (outcome !== null) return outcome;
  throw new Error(`Impossible input of a rotation: ${input} when ${phase}`);
}
