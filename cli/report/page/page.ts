import type { Condition } from "../../doctor/environment.ts";
import { copiesAt } from "../../residue/survey.ts";
import { type Findings, failuresOf } from "../gather.ts";
import { countOf, judged } from "../table.ts";
import { element, escaped } from "./markup.ts";
import { guaranteeSection, matrixSection } from "./matrix_section.ts";
import { residueSection } from "./residue_section.ts";
import { STYLE } from "./style.ts";

/** The report as one page: no script, nothing loaded from elsewhere. */
export function toPage(findings: Findings): string {
  const { columns, residue, conditions } = findings;
  return [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    "<meta http-equiv=\"content-security-policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
    "<title>Lethe: what holds on this machine</title>",
    element("style", {}, STYLE),
    "</head><body><main>", // where screen readers begin
    head(findings),
    residueSection(residue),
    guaranteeSection(columns),
    matrixSection(columns),
    machineSection(conditions),
    "</main></body></html>\n",
  ].join("\n");
}

function head(findings: Findings): string {
  const columns = judged(findings.columns);
  const failures = failuresOf(findings);
  const ours = findings.residue.filter(({ approach }) => approach.ours);
  const left = ours.reduce((sum, one) => sum + copiesAt(one, "ended") + copiesAt(one, "later"), 0);
  const figures: readonly (readonly [number, string, string])[] = [
    [countOf(columns, "passed"), "requirements passed", "good"],
    [failures.length, "not as promised", failures.length === 0 ? "good" : "bad"],
    [left, "copies left by Lethe", left === 0 ? "good" : "bad"],
    [columns.length, "memories of runtimes judged", ""],
    [countOf(columns, "not given"), "not given: refused when required, or optional", ""],
    [countOf(columns, "not run"), "not run: nothing is known", ""],
  ];
  return element(
    "header",
    {},
    "<h1>Lethe on this machine</h1>",
    element(
      "p",
      { class: "faint" },
      escaped(
        `${findings.machine}. ${findings.made.slice(0, 16).replace("T", " ")} UTC, ${findings.duration.toFixed(0)} s. ${[...new Set(columns.map(({ runtime }) => runtime))].join(", ")}.`,
      ),
    ),
    element(
      "ul",
      { class: "figures" },
      ...figures.map(([number, what, look]) =>
        element("li", {}, element("b", { class: look }, String(number)), what),
      ),
    ),
    ...failures.map((failure) => element("p", { class: "badge bad" }, escaped(failure))),
  );
}

function machineSection(conditions: readonly Condition[]): string {
  return element(
    "section",
    { id: "machine" },
    "<h2>This machine</h2>",
    element(
      "table",
      { class: "plain" },
      ...conditions.map(({ name, verdict, evidence, meaning, remedy }) =>
        element(
          "tr",
          {},
          element("th", { scope: "row" }, escaped(name)),
          element("td", { class: verdict }, verdict),
          element("td", {}, escaped(evidence), ...[meaning, remedy].map(aside)),
        ),
      ),
    ),
  );
}

function aside(text: string): string {
  return text === "" ? "" : element("p", { class: "faint" }, escaped(text));
}
