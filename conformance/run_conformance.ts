import type { Guarantees } from "../core/mod.ts";
import { requireRefused } from "./cases/honesty.ts";
import { CASES } from "./cases/mod.ts";
import { NotRun } from "./check.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { withHeld } from "./held.ts";
import type { CaseResult, Outcome, Report } from "./report.ts";
import { Run } from "./run.ts";
import type { Subject } from "./subject.ts";

/**
 * Runs every requirement against `subject`, one after the other, with no test runner.
 *
 * A failing requirement is a row of the report. A memory that is not available on this machine
 * (`ERR_LETHE_UNAVAILABLE`) gives a report in which nothing was run.
 *
 * @throws what else the memory throws when it, or secrets in it, are opened
 *
 * @param cases default: all of them
 *
 * @example
 * ```ts
 * const { failed, results } = await runConformance({ memory: () => new MyMemory() });
 * ```
 */
export async function runConformance(
  subject: Subject,
  cases: readonly ConformanceCase[] = CASES,
): Promise<Report> {
  const opened = open(subject);
  if (typeof opened === "string") return nothingRun(subject, cases, opened);
  const results: CaseResult[] = [];
  try {
    for (const one of cases) results.push(await runCase(one, opened, results));
  } finally {
    await opened.close();
  }
  return summary(opened.name, opened.runtime, opened.guarantees, results);
}

/** @returns the run, or why the memory cannot be had here */
function open(subject: Subject): Run | string {
  try {
    return new Run(subject);
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ERR_LETHE_UNAVAILABLE") throw error;
    return (error as Error).message;
  }
}

function nothingRun(subject: Subject, cases: readonly ConformanceCase[], reason: string): Report {
  const results = cases.map(
    ({ id, title }): CaseResult => ({
      id,
      title,
      ...notRun(reason),
      evidence: [],
      milliseconds: 0,
    }),
  );
  return summary(subject.name ?? "memory", null, null, results);
}

function summary(
  subject: string,
  runtime: string | null,
  guarantees: Guarantees | null,
  results: readonly CaseResult[],
): Report {
  const failed = idsOf(results, "failed");
  return { subject, runtime, guarantees, results, failed, notRun: idsOf(results, "not run") };
}

async function runCase(
  one: ConformanceCase,
  run: Run,
  earlier: readonly CaseResult[],
): Promise<CaseResult> {
  const start = performance.now();
  const evidence: string[] = [];
  const judged = await judge(one, run, earlier, evidence);
  const milliseconds = performance.now() - start;
  return { id: one.id, title: one.title, ...judged, evidence, milliseconds };
}

async function judge(
  one: ConformanceCase,
  run: Run,
  earlier: readonly CaseResult[],
  evidence: string[],
): Promise<Pick<CaseResult, "outcome" | "reason">> {
  if (one.method !== undefined && run.memory[one.method] === undefined) {
    return { outcome: "not given", reason: `the memory has no ${one.method}, which is optional` };
  }
  const absent =
    one.guarantee !== undefined &&
    run.guarantees[one.guarantee].level === "none" &&
    one.claimedBy?.(run.subject) !== true;
  const rests = absent ? [REFUSALS] : (one.rests ?? []);
  const unsound = idsOf(earlier, "failed").find((id) => rests.includes(id));
  if (unsound !== undefined) return notRun(`it rests on ${unsound}, which failed`);
  const trial = run.trial((seen) => evidence.push(seen));
  try {
    if (one.guarantee !== undefined && absent) {
      requireRefused(trial, one.guarantee);
      const { evidence: because } = run.guarantees[one.guarantee];
      return { outcome: "not given", reason: `${one.guarantee}: ${because}` };
    }
    if (one.needs === "target" && run.subject.target === undefined) {
      return notRun("the subject names no target: nothing was seen from outside");
    }
    await withHeld(
      () => one.run(trial),
      (held) => {
        if (evidence.length === 0) evidence.push(held); // the case said nothing itself
      },
    );
    return { outcome: "passed", reason: "" };
  } catch (error) {
    if (error instanceof NotRun) return notRun(error.message);
    return { outcome: "failed", reason: error instanceof Error ? error.message : String(error) };
  } finally {
    await trial.tidy();
  }
}

/** The requirement that what is not given is refused; a refusal that fails is told once, by it. */
const REFUSALS = "G1";

function notRun(reason: string): Pick<CaseResult, "outcome" | "reason"> {
  return { outcome: "not run", reason };
}

function idsOf(results: readonly CaseResult[], outcome: Outcome): readonly string[] {
  return results.filter((result) => result.outcome === outcome).map(({ id }) => id);
}
