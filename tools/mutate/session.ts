/** One long-lived Vitest that has the mutants in its modules, and what its workers report. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { createVitest, type Vitest } from "vitest/node";
import { JOB_FOLDER, type Job, type Progress, TIME_LIMIT } from "./job.ts";

/** A worker that says nothing for so long is stopped: it waits. */
const SILENCE = 180_000;
/** So is one that runs a mutant and uses the processor for so long without a word: it turns in circles. */
const BUSY = 12_000;

export interface Outcome {
  readonly progress: readonly Progress[];
  /** The mutant during which the worker was stopped, or died. */
  readonly stopped: number | null;
}

export class Session {
  readonly #folder: string;
  readonly #texts: ReadonlyMap<string, string>;
  readonly #tests: readonly string[];
  #vitest: Vitest | null = null;

  /** @param texts the mutated files, by path */
  constructor(texts: ReadonlyMap<string, string>, tests: readonly string[]) {
    this.#texts = texts;
    this.#tests = tests;
    this.#folder = mkdtempSync(join(tmpdir(), "lethe-mutants-"));
    process.env[JOB_FOLDER] = this.#folder;
  }

  async run(test: string, job: Job): Promise<Outcome> {
    const progress = join(this.#folder, "progress.jsonl");
    writeFileSync(join(this.#folder, "job.json"), JSON.stringify(job));
    rmSync(progress, { force: true });
    this.#vitest ??= await open(this.#texts, this.#tests);
    const vitest = this.#vitest;
    const specification = vitest.getRootProject().createSpecification(resolve(test));
    const run = vitest.runTestSpecifications([specification]).catch(() => undefined);
    const watch = new Watch(progress);
    await Promise.race([run, watch.silent]);
    watch.stop();
    const result = outcome(readProgress(progress));
    // Vitest may wait without end for a worker that was stopped.
    if (result.stopped === null) vitest.state.clearErrors();
    else this.#abandon();
    return result;
  }

  #abandon(): void {
    this.#vitest?.close().catch(() => undefined);
    this.#vitest = null;
  }

  close(): void {
    this.#abandon();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function open(texts: ReadonlyMap<string, string>, tests: readonly string[]): Promise<Vitest> {
  const root = process.cwd();
  const transform = (_code: string, id: string): string | null =>
    texts.get(id.slice(root.length + 1)) ?? null;
  return createVitest(
    "test",
    {
      config: false,
      root,
      include: [...tests],
      exclude: [],
      runner: resolve("tools/mutate/runner.ts"),
      pool: "forks",
      maxWorkers: 1,
      execArgv: ["--expose-gc"],
      testTimeout: TIME_LIMIT,
      hookTimeout: TIME_LIMIT,
      watch: false,
      reporters: [{}],
      silent: true,
      // It would give back the texts of another run, and other runs those of this one.
      fsModuleCache: false,
    },
    { plugins: [{ name: "mutants", enforce: "pre", transform }] },
  );
}

function readProgress(path: string): readonly Progress[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.filter((line) => line.endsWith("}")).map((line) => JSON.parse(line) as Progress);
}

function outcome(progress: readonly Progress[]): Outcome {
  if (progress.some((line) => "done" in line)) return { progress, stopped: null };
  const last = progress.at(-1);
  return { progress, stopped: last !== undefined && "begin" in last ? last.begin : -1 };
}

/** Stops a worker of ours, by its id, when its file of progress has not grown for too long. */
class Watch {
  readonly #timer: NodeJS.Timeout;
  readonly silent: Promise<void>;

  constructor(path: string) {
    let length = 0;
    let since = Date.now();
    let busyBefore = 0;
    const { promise, resolve: end } = Promise.withResolvers<void>();
    this.silent = promise;
    this.#timer = setInterval(() => {
      const now = existsSync(path) ? statSync(path).size : 0;
      if (now === length && Date.now() - since < 2_000) return;
      const lines = readProgress(path);
      const [first] = lines;
      const pid = first !== undefined && "pid" in first ? first.pid : null;
      const busy = pid === null ? 0 : processorTime(pid);
      if (now !== length) {
        length = now;
        since = Date.now();
        busyBefore = busy;
        return;
      }
      const isInMutant = "begin" in (lines.at(-1) ?? {});
      const isInCircles = isInMutant && busy - busyBefore > BUSY;
      if (!isInCircles && Date.now() - since < SILENCE) return;
      if (pid !== null) stop(pid);
      end();
    }, 500);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** In milliseconds, as Linux says it in hundredths of a second; elsewhere nothing but the silence counts. */
function processorTime(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return 10 * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return 0;
  }
}

function stop(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
