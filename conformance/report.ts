import type { Guarantees } from "../core/mod.ts";

/**
 * What came of a requirement.
 *
 * - `passed`: it was run, and holds
 * - `failed`: it was run, and does not hold
 * - `not given`: the memory declares `none`, and requiring the guarantee was refused as it must be; or
 *   it does not have the optional method that the requirement is about
 * - `not run`: nothing is known. It is never to be counted as passed
 */
export type Outcome = "passed" | "failed" | "not given" | "not run";

/** One row of a report. */
export interface CaseResult {
  /** The id of the requirement. */
  readonly id: string;
  /** The requirement in one sentence. */
  readonly title: string;
  /** See {@link Outcome}. */
  readonly outcome: Outcome;
  /** Why it failed, was not run, or is not given. Empty when it passed. */
  readonly reason: string;
  /** What was run and read. */
  readonly evidence: readonly string[];
  /** How long the case took. */
  readonly milliseconds: number;
}

/** What came of a run over one subject. */
export interface Report {
  /** Name of the subject. */
  readonly subject: string;
  /** Runtime of the target process, or null without one. */
  readonly runtime: string | null;
  /** What the memory says of itself, or null when it cannot be opened on this machine. */
  readonly guarantees: Guarantees | null;
  /** One row for each requirement. */
  readonly results: readonly CaseResult[];
  /** Ids of the requirements that failed. Empty for a memory that conforms, as far as was run. */
  readonly failed: readonly string[];
  /** Ids of the requirements that were not run. */
  readonly notRun: readonly string[];
}
