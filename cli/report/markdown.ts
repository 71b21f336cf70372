import { copiesIn, titleOf, whereabouts } from "../residue/render.ts";
import { MOMENTS } from "../residue/survey.ts";
import { type Findings, failuresOf } from "./gather.ts";
import { countOf, judged, rowsOf, SIGNS, shortOf } from "./table.ts";

/** The report as Markdown. */
export function toMarkdown(findings: Findings): string {
  const columns = judged(findings.columns);
  const failures = failuresOf(findings);
  const missing = findings.columns.filter(({ report }) => report === null);
  return [
    "# Lethe on this machine",
    "",
    `${findings.machine}, ${findings.made}, in ${findings.duration.toFixed(0)} s.`,
    `${countOf(columns, "passed")} requirements passed, ${countOf(columns, "failed")} failed, ${countOf(columns, "not given")} not given, ${countOf(columns, "not run")} not run.`,
    ...(failures.length === 0 ? [] : ["", ...failures.map((failure) => `- **${failure}**`)]),
    "",
    "## Copies of a password",
    "",
    "| approach | before | live | ended | later | where, at the end |",
    "|---|---|---|---|---|---|",
    ...findings.residue.map((result) =>
      row([
        titleOf(result),
        ...MOMENTS.map((moment) => copiesIn(result, moment)),
        result.failure ?? whereabouts(result),
      ]),
    ),
    "",
    "## Requirements",
    "",
    Object.entries(SIGNS)
      .map(([outcome, sign]) => `${sign} ${outcome}`)
      .join(", "),
    "",
    row(["", "", ...columns.map(({ runtime, memory }) => `${shortOf(runtime)} ${memory}`)]),
    row(["---", "---", ...columns.map(() => "---")]),
    ...rowsOf(columns).map(({ id, title, cells }) =>
      row([id, title, ...cells.map((cell) => (cell === null ? "" : SIGNS[cell.outcome]))]),
    ),
    "",
    ...missing.map(({ runtime, memory, failure }) => `- ${runtime}, ${memory}: ${failure}`),
    "",
    "## This machine",
    "",
    "| condition | | read |",
    "|---|---|---|",
    ...findings.conditions.map(({ name, verdict, evidence }) => row([name, verdict, evidence])),
    "",
  ].join("\n");
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
}
