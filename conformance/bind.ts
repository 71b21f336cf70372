import { CheckError } from "./check.ts";
import type { CaseResult, Report } from "./report.ts";

/** A test function of vitest, bun:test or node:test (`skip`), or of Deno (`ignore`). */
export interface TestFunction {
  (name: string, body: () => void): unknown;
  /** Registers a skipped test. */
  readonly skip?: (name: string, body: () => void) => unknown;
  /** Registers a skipped test, in Deno. */
  readonly ignore?: (name: string, body: () => void) => unknown;
}

/**
 * Gives each row of a report to a test runner: as a test that passes or fails, or, when the
 * requirement was not run or is not given, as a skipped one with the reason in its name.
 *
 * The run comes first and the tests after it, because half of the runners cannot skip a test that
 * has begun.
 *
 * @returns when every case is a test of the runner; a case that failed throws a {@link CheckError} there
 *
 * @example
 * ```ts
 * import { test } from "vitest"; // or bun:test, node:test, { test } = Deno
 * import { bindReport, runConformance } from "lethe/conformance";
 * import { subject } from "./subject.ts";
 *
 * bindReport(await runConformance(subject), test);
 * ```
 */
export function bindReport(report: Report, test: TestFunction): void {
  const skip = test.skip ?? test.ignore ?? ((): void => undefined);
  for (const result of report.results) {
    const name = `${report.subject}: ${result.id} ${result.title}`;
    if (result.outcome === "passed" || result.outcome === "failed") {
      test(name, () => assertPassed(result));
    } else {
      skip.call(test, `${name} (${result.outcome}: ${result.reason})`, () => undefined);
    }
  }
}

/** @throws {CheckError} with the reason and the evidence, unless the requirement holds */
function assertPassed({ id, outcome, reason, evidence }: CaseResult): void {
  if (outcome !== "failed") return;
  throw new CheckError([`${id}: ${reason}`, ...evidence.map((line) => `  ${line}`)].join("\n"));
}
