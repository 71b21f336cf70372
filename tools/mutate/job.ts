/** What the driver asks of a worker, and what the worker writes down while it works: one line of JSON each. */

/** Where the driver puts `job.json`, and the worker `progress.jsonl`. */
export const JOB_FOLDER = "LETHE_MUTATION_JOB";

/** A test that takes longer than this fails. It is read again after each mutant that ran into it. */
export const TIME_LIMIT = 8_000;

export interface Job {
  /** Mutants that are still alive, by id. */
  readonly alive: readonly number[];
  /** Tests of the file that are not run: they ran all their mutants, reach none, or are known to be slow. */
  readonly finished: readonly string[];
  /** The mutants run one after the other, each from the import on: for code that runs while a module loads. */
  readonly fromTheStart: boolean;
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
  | { readonly killed: number; readonly by: string; readonly timedOut: boolean }
  /** A mutant that this file has run from the start, and that nothing killed. */
  | { readonly passed: number }
  /** What a test reached, and its cost in milliseconds; without a test, what ran while modules were loaded. */
  | { readonly reached: readonly number[]; readonly by: string | null; readonly cost: number }
  /** A test that was left out: too slow, or not the same twice. */
  | { readonly leftOut: string; readonly why: string; readonly milliseconds: number }
  /** A test, or the file itself, that fails without any mutant: nothing can be said with it. */
  | { readonly failed: string; readonly why: string }
  | { readonly done: true; readonly early: boolean };
