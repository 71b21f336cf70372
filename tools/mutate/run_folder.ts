/** Runs the mutants of one folder against its tests. */
import { globSync, readFileSync } from "node:fs";
import process from "node:process";
import { testsWithoutProcess } from "../unit_tier.ts";
import type { Folder } from "./folders.ts";
import { instrument, type Mutant } from "./instrument.ts";
import type { Progress } from "./job.ts";
import { Session } from "./session.ts";

export type Fate = "killed" | "stopped" | "survived" | "not reached";

export interface Judged {
  readonly mutant: Mutant;
  readonly fate: Fate;
  /** The test that killed it. */
  readonly by: string | null;
}

export interface Choice {
  /** Only files for which this holds. */
  readonly isWanted: (path: string) => boolean;
  /** The part of the mutants that is run, from 0 to 1, and the seed that chooses it. */
  readonly sample: number;
  readonly seed: number;
}

type LeftOut = Extract<Progress, { leftOut: string }>;

/** A process for each of these tests is tried for what runs while a module loads. */
const MOST_FROM_THE_START = 5;

interface Phase {
  /** Only the mutants in the source that the test is named after. */
  readonly own: boolean;
  /** Only tests that take longer than the first of these milliseconds, and at most the second. */
  readonly fastest: number;
  readonly slowest: number;
}

const QUICK = 150;
const SLOW = 2_000;

/** Most mutants die of the test beside them, and most others of a quick one. */
const PHASES: readonly Phase[] = [
  { own: true, fastest: -1, slowest: QUICK },
  { own: false, fastest: -1, slowest: QUICK },
  { own: false, fastest: QUICK, slowest: SLOW },
];

export async function runFolder(folder: Folder, choice: Choice): Promise<readonly Judged[]> {
  const { texts, mutants } = mutantsOf(folder, choice);
  const tests = testsOf(folder);
  const run = new FolderRun(mutants);
  if (mutants.length === 0) return [];
  const session = new Session(texts, tests);
  try {
    for (const phase of PHASES) {
      for (const test of tests) await run.file(session, test, phase);
    }
    await run.fromTheStart(session);
  } finally {
    session.close();
  }
  return run.judged();
}

export function testsOf({ tests }: Folder): readonly string[] {
  // The longest prefix counts: "core/codec" can stand behind "core/".
  const place = (path: string): number => {
    const found = tests.filter((part) => path.startsWith(part));
    return tests.indexOf(found.sort((one, other) => other.length - one.length)[0] ?? "");
  };
  return testsWithoutProcess()
    .filter((path) => place(path) >= 0)
    .sort((one, other) => place(one) - place(other));
}

function mutantsOf(folder: Folder, { isWanted, sample, seed }: Choice) {
  const texts = new Map<string, string>();
  const mutants: Mutant[] = [];
  let nextId = 0;
  const random = generator(seed);
  for (const path of globSync(folder.files).sort()) {
    if (/\.test\.ts$/.test(path) || !isWanted(path)) continue;
    const instrumented = instrument(path, readFileSync(path, "utf8"), nextId);
    nextId += instrumented.mutants.length;
    texts.set(path, instrumented.text);
    mutants.push(...instrumented.mutants.filter(() => random() < sample));
  }
  return { texts, mutants };
}

/** Mulberry32: the same sample from the same seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

class FolderRun {
  readonly #mutants: readonly Mutant[];
  readonly #paths: ReadonlyMap<number, string>;
  readonly #alive: Set<number>;
  readonly #reached = new Set<number>();
  /** Mutants in code that runs while modules load, and the tests that load it. */
  readonly #atStart = new Map<number, Set<string>>();
  readonly #inSlow = new Map<number, Set<string>>();
  readonly #killers = new Map<number, string>();
  readonly #stopped = new Set<number>();

  constructor(mutants: readonly Mutant[]) {
    this.#mutants = mutants;
    this.#paths = new Map(mutants.map(({ id, path }) => [id, path]));
    this.#alive = new Set(mutants.map(({ id }) => id));
  }

  async file(session: Session, test: string, { own, fastest, slowest }: Phase): Promise<void> {
    const isTried = (id: number): boolean => !own || isBeside(this.#pathOf(id), test);
    const isSlow = fastest > 0;
    if (isSlow && !this.#isReachedSlowly(test)) return;
    if (own && ![...this.#alive].some(isTried)) return;
    const begin = performance.now();
    const before = this.#alive.size;
    let processes = 0;
    const finished = new Set<string>();
    // Each turn ends one mutant or one test at least, or is the last.
    for (;;) {
      processes += 1;
      const alive = [...this.#alive].filter(isTried);
      const { progress, stopped } = await session.run(test, {
        alive,
        finished: [...finished],
        fromTheStart: null,
        slowest,
        fastest,
      });
      const left = this.#alive.size - finished.size;
      for (const line of progress) {
        this.#note(line, test);
        if ("finished" in line) finished.add(line.finished);
      }
      if (stopped !== null && stopped >= 0) this.#end(stopped, `${test}: the process`, true);
      else if (stopped !== null) log(`${test}: the worker did not finish`);
      const isEarly = stopped !== null || progress.some((line) => "done" in line && line.early);
      if (!isEarly || this.#alive.size - finished.size === left) break;
    }
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    log(
      `${test}: ${before - this.#alive.size} of ${before} ended, ${processes} processes, ${seconds} s`,
    );
  }

  #pathOf(id: number): string {
    return this.#paths.get(id) ?? "";
  }

  #isReachedSlowly(test: string): boolean {
    return [...this.#alive].some((id) => this.#inSlow.get(id)?.has(test));
  }

  #note(line: Progress, test: string): void {
    if ("killed" in line) this.#end(line.killed, `${test}: ${line.by}`, false);
    if ("leftOut" in line) this.#leaveOut(line, test);
    if (!("reached" in line)) return;
    for (const id of line.reached) {
      this.#reached.add(id);
      if (line.when === "start") add(this.#atStart, id, test);
      if (line.when === "slow test") add(this.#inSlow, id, test);
    }
  }

  #leaveOut({ leftOut, why, milliseconds }: LeftOut, test: string): void {
    if (why === "slow" && milliseconds <= SLOW) return;
    log(`${test}: "${leftOut}" runs no mutant: ${why}`);
  }

  #end(id: number, by: string, stopped: boolean): void {
    this.#alive.delete(id);
    this.#killers.set(id, by);
    if (stopped) this.#stopped.add(id);
  }

  /** Mutants in what runs while a module loads: each needs a process of its own. */
  async fromTheStart(session: Session): Promise<void> {
    for (const [id, tests] of this.#atStart) {
      for (const test of [...tests].slice(0, MOST_FROM_THE_START)) {
        if (!this.#alive.has(id)) break;
        const job = { alive: [], finished: [], fromTheStart: id, slowest: SLOW, fastest: -1 };
        const { progress, stopped } = await session.run(test, job);
        for (const line of progress) this.#note(line, test);
        if (stopped !== null) this.#end(id, `${test}: the process`, true);
      }
    }
  }

  judged(): readonly Judged[] {
    return this.#mutants.map((mutant) => ({
      mutant,
      fate: this.#fate(mutant.id),
      by: this.#killers.get(mutant.id) ?? null,
    }));
  }

  #fate(id: number): Fate {
    if (this.#stopped.has(id)) return "stopped";
    if (this.#killers.has(id)) return "killed";
    return this.#reached.has(id) ? "survived" : "not reached";
  }
}

function add(tests: Map<number, Set<string>>, id: number, test: string): void {
  tests.set(id, (tests.get(id) ?? new Set()).add(test));
}

/** Whether a test is named after a source: `codec_malformed.test.ts` after `codec.ts`. */
const isBeside = (source: string, test: string): boolean =>
  test.startsWith(source.replace(/\.ts$/, ""));

const log = (line: string): void => void process.stderr.write(`${line}\n`);
