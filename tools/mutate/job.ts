/** What the driver asks of a worker, and what the worker writes down while it works: one line of JSON each. */

/** Where the driver puts `job.json`, and the worker `progress.jsonl`. */
export const JOB_FOLDER = "LETHE_MUTATION_JOB";

export interface Job {
  /** Mutants that are still alive, by id. */
  readonly alive: readonly number[];
  /** Tests of the file that ran all their mutants in an earlier process. */
  readonly finished: readonly string[];
  /** From the start, with every import, this one alone: for code that runs while a module loads. */
  readonly fromTheStart: number | null;
  /** Tests that took longer than this without a mutant run no mutant. */
  readonly slowest: number;
  /** Tests that took no longer than this did so in an earlier run. */
  readonly fastest: number;
}

/** A process ends early when mutants have spoiled it for good; the driver starts another one for the rest. */
export type Progress =
  | { readonly pid: number }
  | { readonly test: string }
  | { readonly finished: string }
  /** A mutant that is run now; if nothing follows, it stopped or killed the process. */
  | { readonly begin: number }
  | { readonly killed: number; readonly by: string }
  | { readonly reached: readonly number[]; readonly when: "start" | "quick test" | "slow test" }
  /** A test that was left out: too slow, or not the same twice. */
  | { readonly leftOut: string; readonly why: string; readonly milliseconds: number }
  | { readonly done: true; readonly early: boolean };
