import type { CaseResult, Report } from "./report.ts";

/**
 * A report as text, for those who run the suite without a test runner: what failed and what was not
 * run, each with its reason and the evidence, then the verdict in the last line.
 *
 * @returns text without a secret; it never throws
 *
 * @example
 * ```ts
 * const report = await runConformance(subject);
 * console.log(describeReport(report));
 * process.exitCode = report.failed.length === 0 ? 0 : 1;
 * ```
 */
export function describeReport(report: Report): string {
  const { results, subject, runtime } = report;
  const open = results.filter(({ outcome }) => outcome === "failed" || outcome === "not run");
  const counts = (["passed", "failed", "not given", "not run"] as const)
    .map((outcome) => `${results.filter((one) => one.outcome === outcome).length} ${outcome}`)
    .join(", ");
  return [
    ...open.flatMap(describeResult),
    `${subject}${runtime === null ? "" : ` on ${runtime}`}: ${counts}`,
    verdictOf(report),
  ].join("\n");
}

function describeResult({ id, title, outcome, reason, evidence }: CaseResult): readonly string[] {
  return [
    `${outcome.toUpperCase()} ${id}  ${title}`,
    `    ${reason}`,
    ...(outcome === "failed" ? evidence.map((line) => `      ${line}`) : []),
  ];
}

function verdictOf({ subject, failed, notRun }: Report): string {
  if (failed.length > 0) return `${subject} does not conform: ${failed.join(", ")}`;
  if (notRun.length === 0) return `${subject} conforms`;
  return `${subject} conforms as far as was run; nothing is known of ${notRun.join(", ")}`;
}
