/** Runs the mutants of one folder against its tests. */
import { basename } from "node:path";
import process from "node:process";
import { testsWithoutProcess } from "../unit_tier.ts";
import type { Chosen } from "./choice.ts";
import type { Folder } from "./folders.ts";
import type { Mutant } from "./instrument.ts";
import type { Job, Progress } from "./job.ts";
import type { Fate, Judged } from "./results.ts";
import { type Outcome, Session } from "./session.ts";

type LeftOut = Extract<Progress, { leftOut: string }>;

/** So many of these tests are tried for what runs while a module loads. */
const MOST_FROM_THE_START = 6;

interface KnownTest {
  readonly cost: number;
  readonly reached: readonly number[];
}

interface Phase {
  /** Only the mutants in the source that the test is named after. */
  readonly own: boolean;
  /** Only tests that take longer than the first of these milliseconds, and at most the second. */
  readonly fastest: number;
  readonly slowest: number;
}

const QUICK = 150;
const SLOW = 500;

/** Most mutants die of the test beside them, and most others of a quick one. */
const PHASES: readonly Phase[] = [
  { own: true, fastest: -1, slowest: QUICK },
  { own: false, fastest: -1, slowest: QUICK },
  { own: false, fastest: QUICK, slowest: SLOW },
];

/** @throws an Error when a test fails without a mutant: then no fate would mean anything */
export async function runFolder(folder: Folder, chosen: Chosen): Promise<readonly Judged[]> {
  const { texts, mutants } = chosen;
  if (mutants.length === 0) return [];
  const tests = testsOf(folder);
  const run = new FolderRun(mutants);
  const session = new Session(texts, tests);
  try {
    for (const phase of PHASES) {
      for (const test of tests) await run.file(session, test, phase);
    }
    for (const test of tests) await run.fromTheStart(session, test);
  } finally {
    session.close();
  }
  return run.judged();
}

function testsOf({ tests, also = [], except = [] }: Folder): readonly string[] {
  // The longest prefix counts: "core/codec" can stand behind "core/".
  const place = (path: string): number => {
    const found = tests.filter((part) => path.startsWith(part));
    return tests.indexOf(found.sort((one, other) => other.length - one.length)[0] ?? "");
  };
  return [...testsWithoutProcess(), ...also]
    .filter((path) => place(path) >= 0 && !except.some(({ test }) => test === path))
    .sort((one, other) => place(one) - place(other));
}

class FolderRun {
  readonly #mutants: readonly Mutant[];
  readonly #paths: ReadonlyMap<number, string>;
  readonly #alive: Set<number>;
  readonly #reached = new Set<number>();
  /** The tests that load code in which a mutant runs while modules load. */
  readonly #atStart = new Map<number, Set<string>>();
  /** What is known of the tests of each file, by their names. */
  readonly #tests = new Map<string, Map<string, KnownTest>>();
  readonly #near = new Map<string, number>();
  readonly #killers = new Map<number, string>();
  readonly #stopped = new Set<number>();

  constructor(mutants: readonly Mutant[]) {
    this.#mutants = mutants;
    this.#paths = new Map(mutants.map(({ id, path }) => [id, path]));
    this.#alive = new Set(mutants.map(({ id }) => id));
  }

  async file(session: Session, test: string, { own, fastest, slowest }: Phase): Promise<void> {
    const isTried = (id: number): boolean => !own || isBeside(this.#pathOf(id), test);
    const known = this.#tests.get(test);
    const isNeeded = ({ cost, reached }: KnownTest): boolean =>
      cost <= slowest && cost > fastest && reached.some((id) => this.#alive.has(id) && isTried(id));
    if (known !== undefined && ![...known.values()].some(isNeeded)) return;
    if (own && ![...this.#alive].some(isTried)) return;
    const others = [...(known ?? [])].filter(([, one]) => !isNeeded(one)).map(([name]) => name);
    await this.#run(test, (finished) => {
      const alive = [...this.#alive].filter(isTried);
      const job = { alive, finished: [...others, ...finished], fromTheStart: false };
      return session.run(test, { ...job, slowest, fastest });
    });
  }

  /** Mutants in what runs while a module loads: the modules are loaded again for each. */
  async fromTheStart(session: Session, test: string): Promise<void> {
    const left = new Set<number>();
    for (const id of this.#alive) {
      if (this.#nearest(id).includes(test)) left.add(id);
    }
    if (left.size === 0) return;
    const known = [...(this.#tests.get(test) ?? [])];
    const finished = known.filter(([, { cost }]) => cost > SLOW).map(([name]) => name);
    await this.#run(test, async () => {
      const alive = [...left].filter((id) => this.#alive.has(id));
      const job: Job = { alive, finished, fromTheStart: true, slowest: SLOW, fastest: -1 };
      const outcome = await session.run(test, job);
      for (const line of outcome.progress) if ("passed" in line) left.delete(line.passed);
      return outcome;
    });
  }

  /** Of the tests that load code with a mutant those beside it first, and then those that run most of its file. */
  #nearest(id: number): readonly string[] {
    const path = this.#pathOf(id);
    const tests = [...(this.#atStart.get(id) ?? [])].map(
      (test) => [test, this.#nearness(path, test)] as const,
    );
    return tests
      .sort(([, one], [, other]) => other - one)
      .slice(0, MOST_FROM_THE_START)
      .map(([test]) => test);
  }

  /** How many mutants of a file a test reaches, and more than all of them if it is named after the file. */
  #nearness(path: string, test: string): number {
    const key = `${path} ${test}`;
    const known = this.#near.get(key);
    if (known !== undefined) return known;
    const reached = [...(this.#tests.get(test)?.values() ?? [])].flatMap((one) => one.reached);
    const inFile = new Set(reached.filter((id) => this.#pathOf(id) === path)).size;
    const near = inFile + (isBeside(path, test) ? this.#mutants.length : 0);
    this.#near.set(key, near);
    return near;
  }

  /** Starts processes until one has done all; each ends one mutant or one test at least, or is the last. */
  async #run(test: string, start: (finished: string[]) => Promise<Outcome>): Promise<void> {
    const begin = performance.now();
    const before = this.#alive.size;
    const finished = new Set<string>();
    for (let processes = 1; ; processes++) {
      const left = this.#alive.size - finished.size;
      const { progress, stopped } = await start([...finished]);
      for (const line of progress) {
        this.#note(line, test);
        if ("finished" in line) finished.add(line.finished);
      }
      if (stopped === -1) throw new Error(`${test}: the worker ended without a mutant`);
      if (stopped !== null) this.#end(stopped, `${test}: the process`, true);
      const isEarly = stopped !== null || progress.some((line) => "done" in line && line.early);
      const hasPassed = progress.some((line) => "passed" in line);
      if (isEarly && (hasPassed || this.#alive.size - finished.size !== left)) continue;
      const seconds = ((performance.now() - begin) / 1000).toFixed(1);
      const ended = before - this.#alive.size;
      log(`${test}: ${ended} of ${before} ended, ${processes} processes, ${seconds} s`);
      return;
    }
  }

  #pathOf(id: number): string {
    return this.#paths.get(id) ?? "";
  }

  #note(line: Progress, test: string): void {
    if ("failed" in line) {
      throw new Error(`${test}: "${line.failed}" fails without a mutant: ${line.why}`);
    }
    if ("killed" in line) this.#end(line.killed, `${test}: ${line.by}`, line.timedOut);
    if ("leftOut" in line) leaveOut(line, test);
    if (!("reached" in line)) return;
    for (const id of line.reached) {
      this.#reached.add(id);
      if (line.by === null) add(this.#atStart, id, test);
    }
    if (line.by === null) return;
    const known = this.#tests.get(test) ?? new Map<string, KnownTest>();
    this.#tests.set(test, known.set(line.by, line));
  }

  #end(id: number, by: string, stopped: boolean): void {
    this.#alive.delete(id);
    this.#killers.set(id, by);
    if (stopped) this.#stopped.add(id);
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

function leaveOut({ leftOut, why, milliseconds }: LeftOut, test: string): void {
  if (why === "slow" && milliseconds <= SLOW) return;
  log(`${test}: "${leftOut}" runs no mutant: ${why}`);
}

function add(tests: Map<number, Set<string>>, id: number, test: string): void {
  tests.set(id, (tests.get(id) ?? new Set()).add(test));
}

/** Whether a test is named after a source: `codec_malformed.test.ts` after `codec.ts`. */
const isBeside = (source: string, test: string): boolean =>
  basename(test).startsWith(basename(source, ".ts"));

const log = (line: string): void => void process.stderr.write(`${line}\n`);
