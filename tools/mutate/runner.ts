/**
 * Runs each test of a file once for each mutant that it reaches, without loading anything again.
 *
 * - a test counts only if it passes twice without a mutant
 * - a mutant counts as killed only if the test that failed passes again without it, or if no other mutant
 *   ran in this process before: what one leaves behind must not kill the next
 */
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { type RunnerTask, TestRunner } from "vitest";
import { JOB_FOLDER, type Job, type Progress } from "./job.ts";
import { SWITCHES } from "./reached.ts";

const folder = process.env[JOB_FOLDER] ?? ".";
const job = JSON.parse(readFileSync(join(folder, "job.json"), "utf8")) as Job;
const alive = new Set(job.alive);

function report(...lines: readonly Progress[]): void {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  appendFileSync(join(folder, "progress.jsonl"), text);
}

report({ pid: process.pid });
if (job.fromTheStart !== null) SWITCHES.activate(job.fromTheStart, 1_000_000);

type Step = "first" | "second" | "mutant" | "confirm";

/** What one test is run for, attempt by attempt. */
class Plan {
  step: Step | "over" = "first";
  #counts: ReadonlyMap<number, number> = new Map();
  #queue: number[] = [];
  #current = -1;
  #start = 0;
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  begin(): void {
    this.#start = performance.now();
    if (job.fromTheStart !== null) return;
    if (this.step === "first") {
      reportStart();
      report({ test: this.#name });
    } else if (this.step === "mutant") {
      this.#current = this.#queue.pop() ?? -1;
      report({ begin: this.#current });
      SWITCHES.activate(this.#current, this.#counts.get(this.#current) ?? 0);
    }
  }

  end(passed: boolean): void {
    SWITCHES.active = job.fromTheStart ?? -1;
    if (job.fromTheStart !== null) this.#endFromTheStart(passed);
    else if (this.step === "first") this.#endFirst(passed);
    else if (this.step === "second") this.#endSecond(passed);
    else if (this.step === "mutant" && !passed) this.step = "confirm";
    else if (this.step === "mutant") isFirst = false;
    else if (this.step === "confirm") this.#confirm(passed);
    if (isOver || (this.step === "mutant" && this.#queue.length === 0)) this.step = "over";
    SWITCHES.takeCounts();
  }

  #endFromTheStart(passed: boolean): void {
    if (!passed && !isOver) report({ killed: job.fromTheStart ?? -1, by: this.#name });
    if (!passed) isOver = true;
    this.step = "over";
  }

  #endFirst(passed: boolean): void {
    const milliseconds = performance.now() - this.#start;
    this.#counts = SWITCHES.takeCounts();
    const isSlow = milliseconds > job.slowest;
    report({ reached: [...this.#counts.keys()], when: isSlow ? "slow test" : "quick test" });
    this.#queue = [...alive].filter((id) => this.#counts.has(id));
    if (!passed) this.step = this.#leaveOut("fails without a mutant");
    else if (isSlow) this.step = this.#leaveOut("slow", milliseconds);
    else if (milliseconds <= job.fastest || this.#queue.length === 0) this.step = "over";
    else this.step = "second";
  }

  #endSecond(passed: boolean): void {
    this.step = passed ? "mutant" : this.#leaveOut("not the same twice");
  }

  #confirm(passed: boolean): void {
    alive.delete(this.#current);
    const line = { [passed || isFirst ? "killed" : "spoiled"]: this.#current, by: this.#name };
    report(line as Progress);
    isFirst = false;
    if (!passed) isOver = true;
    this.step = passed ? "mutant" : "over";
  }

  #leaveOut(why: string, milliseconds = 0): "over" {
    report({ leftOut: this.#name, why, milliseconds });
    return "over";
  }
}

let isOver = false;
let isStarted = false;
/** Whether another mutant ran in this process before the one that runs now. */
let isFirst = true;

/** What ran before the first test did so while modules were loaded. */
function reportStart(): void {
  const reached = [...SWITCHES.takeCounts().keys()];
  if (!isStarted || reached.length > 0) report({ reached, when: "start" });
  isStarted = true;
}

const plans = new WeakMap<RunnerTask, Plan>();

// biome-ignore lint/style/noDefaultExport: Vitest takes a runner so
export default class MutationRunner extends TestRunner {
  override async onBeforeRunTask(test: RunnerTask): Promise<void> {
    if (isOver || ("fails" in test && test.fails === true)) test.mode = "skip";
    await super.onBeforeRunTask(test);
    const plan = new Plan(test.name);
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

  override onAfterRunFiles(files: Parameters<TestRunner["onAfterRunFiles"]>[0]): void {
    super.onAfterRunFiles(files);
    for (const { name, result } of files) {
      const message = result?.errors?.[0]?.message;
      if (message !== undefined) report({ leftOut: name, why: message, milliseconds: 0 });
    }
    report({ done: true, early: isOver });
  }
}
