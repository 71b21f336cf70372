/** The runner that Vitest is given: it asks a {@link Plan} after each attempt of a test for the next one. */
import process from "node:process";
import { type RunnerTask, type RunnerTestFile, TestRunner, vi } from "vitest";
import { startTests } from "vitest/internal/browser";
import { type StartRun, startRun } from "./from_the_start.ts";
import { Plan } from "./plan.ts";
import { endingOf, JOB, report, STATE } from "./worker.ts";

report({ pid: process.pid });

const start: StartRun | null = JOB.fromTheStart ? startRun() : null;
const plans = new WeakMap<RunnerTask, Plan>();
/** Whether a round of {@link start} is under way, which ends by itself. */
let isInRound = false;

/** With the place of the test in its file: rows of a table may have the same name, and suites in suites. */
const nameOf = ({ id, name, suite }: RunnerTask): string =>
  `${suite?.name ?? ""} ${name} (${id.replace(/^[^_]*_/, "")})`.trim();

// biome-ignore lint/style/noDefaultExport: Vitest takes a runner so
export default class MutationRunner extends TestRunner {
  override async onBeforeRunTask(test: RunnerTask): Promise<void> {
    const plan = start === null ? new Plan(nameOf(test)) : null;
    const isWanted = plan === null ? start?.takes(nameOf(test)) : plan.step !== "over";
    const isMeantToFail = "fails" in test && test.fails === true;
    if (STATE.isSpoiled || isWanted !== true || isMeantToFail) test.mode = "skip";
    await super.onBeforeRunTask(test);
    if (plan === null) return;
    plans.set(test, plan);
    // Vitest asks before each attempt whether its number is at most this.
    const attempts = { valueOf: () => (plan.step === "over" ? -1 : Number.POSITIVE_INFINITY) };
    Object.assign(test, { repeats: attempts, retry: 0 });
  }

  override onBeforeTryTask(test: RunnerTask, options: { retry: number; repeats: number }): void {
    super.onBeforeTryTask(test, options);
    if (start === null) plans.get(test)?.begin();
    else start.begin();
  }

  override async onAfterRetryTask(
    ...[test, options]: Parameters<TestRunner["onAfterRetryTask"]>
  ): Promise<void> {
    await super.onAfterRetryTask(test, options);
    const ending = endingOf(test.result?.state, test.result?.errors ?? []);
    if (start === null) plans.get(test)?.end(ending);
    else start.end(nameOf(test), ending);
    Object.assign(test.result ?? {}, { state: "pass", errors: undefined, attempts: [] });
  }

  // Vitest waits for it, whatever its type says.
  override async onAfterRunFiles(files: RunnerTestFile[]): Promise<void> {
    super.onAfterRunFiles(files);
    if (isInRound) return;
    const why = errorOf(files);
    if (why !== null && STATE.rounds > 0) STATE.isBeyondRepair = true;
    else if (why !== null) report({ failed: "the file", why });
    const load = () => this.#load(files.map(({ filepath }) => filepath));
    if (start !== null) {
      isInRound = true;
      await start.mutants(load);
    } else if (STATE.isSpoiled && !STATE.isBeyondRepair) {
      Object.assign(STATE, { isSpoiled: false, hasRun: false, rounds: STATE.rounds + 1 });
      await load();
      return;
    }
    report({ done: true, early: STATE.isBeyondRepair });
  }

  /** Loads every module again and runs the file; says why it did not load. */
  async #load(paths: string[]): Promise<string | null> {
    vi.resetModules();
    const files = await startTests(paths, this as unknown as Parameters<typeof startTests>[1]);
    return errorOf(files);
  }
}

/** Why a file did not load, or what one of its suites says that failed before its tests. */
function errorOf(tasks: readonly RunnerTask[]): string | null {
  for (const task of tasks) {
    if (task.type === "test") continue;
    const message = task.result?.errors?.[0]?.message ?? errorOf(task.tasks);
    if (message !== null) return message;
  }
  return null;
}
