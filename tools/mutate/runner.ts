/**
 * Runs each test of a file once for each mutant that it reaches, without loading anything again.
 *
 * - a test counts only if it passes twice without a mutant
 * - between two mutants it has to pass without one: what one leaves behind must not kill the next
 * - when a test does not pass any more without a mutant, the file is loaded again, and goes on where it was
 */
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { type RunnerTask, type RunnerTestFile, TestRunner } from "vitest";
import { startTests } from "vitest/internal/browser";
import { JOB_FOLDER, type Job, type Progress } from "./job.ts";
import { SWITCHES } from "./reached.ts";

const folder = process.env[JOB_FOLDER] ?? ".";
const job = JSON.parse(readFileSync(join(folder, "job.json"), "utf8")) as Job;
const alive = new Set(job.alive);

function report(line: Progress): void {
  appendFileSync(join(folder, "progress.jsonl"), `${JSON.stringify(line)}\n`);
}

report({ pid: process.pid });
if (job.fromTheStart !== null) SWITCHES.activate(job.fromTheStart, 1_000_000);

/** What is known of a test, also when its file was loaded again. */
interface Known {
  readonly counts: ReadonlyMap<number, number>;
  readonly survived: Set<number>;
  isLeftOut: boolean;
}

const known = new Map<string, Known>();
for (const name of job.finished) {
  known.set(name, { counts: new Map(), survived: new Set(), isLeftOut: true });
}
/** This file is not run further until it is loaded again. */
let isSpoiled = false;
/** Loading it again did not help: the rest takes a new process. */
let isBeyondRepair = false;
let rounds = 0;
let isStarted = false;
/** Whether a mutant ran since the file was loaded. */
let hasRun = false;

type Step = "first" | "second" | "mutant" | "after" | "over";

/** What one test is run for, attempt by attempt. */
class Plan {
  step: Step = "first";
  #known: Known = { counts: new Map(), survived: new Set(), isLeftOut: false };
  #queue: number[] = [];
  #current = -1;
  #start = 0;
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
    const before = known.get(name);
    if (before === undefined) return;
    this.#known = before;
    this.#fill();
    if (before.isLeftOut || this.#queue.length === 0) this.step = "over";
  }

  begin(): void {
    this.#start = performance.now();
    if (job.fromTheStart !== null) return;
    if (this.step === "first") {
      reportStart();
      report({ test: this.#name });
    } else if (this.step === "mutant") {
      this.#current = this.#queue.pop() ?? -1;
      hasRun = true;
      report({ begin: this.#current });
      SWITCHES.activate(this.#current, this.#known.counts.get(this.#current) ?? 0);
    }
  }

  end(passed: boolean): void {
    SWITCHES.active = job.fromTheStart ?? -1;
    if (job.fromTheStart !== null) this.#endFromTheStart(passed);
    else if (this.step === "first") this.#endFirst(passed);
    else if (this.step === "second") this.#endSecond(passed);
    else if (this.step === "mutant") this.#endMutant(passed);
    else if (this.step === "after") this.#endAfter(passed);
    if (isSpoiled) this.step = "over";
    else if (this.step === "mutant" && this.#queue.length === 0) this.#finish();
    SWITCHES.takeCounts();
  }

  #endFromTheStart(passed: boolean): void {
    if (!passed && !isSpoiled) report({ killed: job.fromTheStart ?? -1, by: this.#name });
    if (!passed) isSpoiled = true;
    this.step = "over";
  }

  #endFirst(passed: boolean): void {
    const milliseconds = performance.now() - this.#start;
    if (!passed && (hasRun || rounds > 0)) {
      isSpoiled = true;
      isBeyondRepair = !hasRun;
      return;
    }
    if (!known.has(this.#name)) {
      this.#known = { counts: SWITCHES.takeCounts(), survived: new Set(), isLeftOut: false };
      known.set(this.#name, this.#known);
      const when = milliseconds > job.slowest ? "slow test" : "quick test";
      report({ reached: [...this.#known.counts.keys()], when });
    }
    this.#fill();
    if (!passed) this.#leaveOut("fails without a mutant", milliseconds);
    else if (milliseconds > job.slowest) this.#leaveOut("slow", milliseconds);
    else if (milliseconds <= job.fastest) this.#known.isLeftOut = true;
    const isNeeded = !this.#known.isLeftOut && this.#queue.length > 0;
    this.step = isNeeded ? "second" : "over";
  }

  #endSecond(passed: boolean): void {
    this.step = passed ? "mutant" : "over";
    if (!passed) this.#leaveOut("not the same twice", 0);
  }

  /** The test passed without a mutant right before. */
  #endMutant(passed: boolean): void {
    this.step = "after";
    if (passed) {
      this.#known.survived.add(this.#current);
    } else {
      alive.delete(this.#current);
      report({ killed: this.#current, by: this.#name });
    }
  }

  #endAfter(passed: boolean): void {
    isSpoiled = !passed;
    this.step = "mutant";
  }

  #finish(): void {
    this.step = "over";
    this.#known.isLeftOut = true;
    report({ finished: this.#name });
  }

  #fill(): void {
    const { counts, survived } = this.#known;
    this.#queue = [...alive].filter((id) => counts.has(id) && !survived.has(id));
  }

  #leaveOut(why: string, milliseconds: number): void {
    this.#known.isLeftOut = true;
    report({ leftOut: this.#name, why, milliseconds });
  }
}

/** What ran before the first test did so while modules were loaded. */
function reportStart(): void {
  const reached = [...SWITCHES.takeCounts().keys()];
  if (rounds === 0 && (!isStarted || reached.length > 0)) report({ reached, when: "start" });
  isStarted = true;
}

const plans = new WeakMap<RunnerTask, Plan>();

// biome-ignore lint/style/noDefaultExport: Vitest takes a runner so
export default class MutationRunner extends TestRunner {
  override async onBeforeRunTask(test: RunnerTask): Promise<void> {
    const plan = new Plan(`${test.suite?.name ?? ""} ${test.name}`.trim());
    if (isSpoiled || plan.step === "over" || ("fails" in test && test.fails === true)) {
      test.mode = "skip";
    }
    await super.onBeforeRunTask(test);
    plans.set(test, plan);
    // Vitest asks before each attempt whether its number is at most this.
    const attempts = { valueOf: () => (plan.step === "over" ? -1 : Number.POSITIVE_INFINITY) };
    Object.assign(test, { repeats: attempts, retry: 0 });
  }

  override onBeforeTryTask(test: RunnerTask, options: { retry: number; repeats: number }): void {
    super.onBeforeTryTask(test, options);
    plans.get(test)?.begin();
  }

  override async onAfterRetryTask(
    ...[test, options]: Parameters<TestRunner["onAfterRetryTask"]>
  ): Promise<void> {
    await super.onAfterRetryTask(test, options);
    plans.get(test)?.end(test.result?.state !== "fail");
    Object.assign(test.result ?? {}, { state: "pass", errors: undefined, attempts: [] });
  }

  // Vitest waits for it, whatever its type says.
  override async onAfterRunFiles(files: RunnerTestFile[]): Promise<void> {
    super.onAfterRunFiles(files);
    for (const { name, result } of files) {
      const why = result?.errors?.[0]?.message;
      if (why !== undefined) report({ leftOut: name, why, milliseconds: 0 });
    }
    if (isSpoiled && !isBeyondRepair && job.fromTheStart === null) {
      isSpoiled = false;
      hasRun = false;
      rounds += 1;
      const paths = files.map(({ filepath }) => filepath);
      await startTests(paths, this as unknown as Parameters<typeof startTests>[1]);
      return;
    }
    report({ done: true, early: isBeyondRepair });
  }
}
