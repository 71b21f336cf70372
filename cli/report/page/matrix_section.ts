import type { CaseResult, Outcome } from "../../../conformance/mod.ts";
import { GUARANTEE_NAMES } from "../../../core/mod.ts";
import type { Column } from "../column.ts";
import { judged, type Row, rowsOf, SIGNS, shortOf } from "../table.ts";
import { element, escaped } from "./markup.ts";

/** Requirements by runtime and memory. Every cell opens to what was run and read. */
export function matrixSection(columns: readonly Column[]): string {
  const shown = judged(columns);
  const missing = columns.filter(({ report }) => report === null);
  return element(
    "section",
    { id: "requirements" },
    "<h2>Requirements</h2>",
    "<p>Rows are the requirements of the conformance suite, columns the memories of each runtime. Press a cell for what was run and what was read.</p>",
    element("p", { class: "legend" }, ...Object.entries(SIGNS).map(legendOf)),
    element(
      "div",
      { class: "scroll" },
      element(
        "table",
        { class: "matrix" },
        element("thead", {}, headOf(shown)),
        element("tbody", {}, ...rowsOf(shown).map((row) => rowOf(row, shown))),
      ),
    ),
    ...missing.map(({ runtime, memory, failure }) =>
      element(
        "p",
        { class: "faint" },
        escaped(`${runtime}, ${memory} memory: not judged. ${failure}`),
      ),
    ),
  );
}

/** What each memory says of itself, with the evidence that it gives. */
export function guaranteeSection(columns: readonly Column[]): string {
  const shown = judged(columns).filter(({ report }) => report?.guarantees != null);
  return element(
    "section",
    { id: "guarantees" },
    "<h2>Guarantees</h2>",
    '<p class="legend"><span><i class="cell passed">●</i>enforced, verified</span><span><i class="cell notrun">○</i>enforced, unverified</span><span><i class="cell notrun">◐</i>best effort</span><span><i class="cell notgiven">·</i>none</span></p>',
    element(
      "div",
      { class: "scroll" },
      element(
        "table",
        { class: "matrix" },
        element("thead", {}, headOf(shown)),
        element(
          "tbody",
          {},
          ...GUARANTEE_NAMES.map((name) =>
            element(
              "tr",
              {},
              element("th", { scope: "row" }, name),
              ...shown.map((column, index) => {
                const { level, verified, evidence } = column.report?.guarantees?.[name] ?? NOTHING;
                const [sign, look] =
                  level === "none"
                    ? ["·", "notgiven"]
                    : level === "best-effort"
                      ? ["◐", "notrun"]
                      : verified
                        ? ["●", "passed"]
                        : ["○", "notrun"];
                return cellOf(`g-${name}-${index}`, look, sign, [
                  `${name}: ${level}${level === "none" ? "" : verified ? ", verified" : ", unverified"}`,
                  titleOf(column),
                  evidence,
                ]);
              }),
            ),
          ),
        ),
      ),
    ),
  );
}

const NOTHING = { level: "none", verified: false, evidence: "" } as const;

function headOf(columns: readonly Column[]): string {
  const names = columns.map((column) =>
    element("th", { scope: "col" }, element("span", {}, escaped(titleOf(column)))),
  );
  return element("tr", {}, "<td></td>", ...names);
}

function titleOf({ runtime, memory }: Column): string {
  return `${shortOf(runtime)} ${memory}`;
}

function rowOf({ id, title, cells }: Row, columns: readonly Column[]): string {
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, `<b>${escaped(id)}</b> <span>${escaped(title)}</span>`),
    ...cells.map((cell, index) => {
      const column = columns[index];
      if (cell === null || column === undefined) return "<td></td>";
      return cellOf(`c-${id}-${index}`, LOOKS[cell.outcome], SIGNS[cell.outcome], [
        `${id} ${title}`,
        `${titleOf(column)}: ${cell.outcome}`,
        ...evidenceOf(cell),
      ]);
    }),
  );
}

const LOOKS: Readonly<Record<Outcome, string>> = {
  passed: "passed",
  failed: "failed",
  "not given": "notgiven",
  "not run": "notrun",
};

function evidenceOf({ reason, evidence, milliseconds }: CaseResult): readonly string[] {
  const seen = evidence.length === 0 && reason === "" ? ["the case ran to its end"] : evidence;
  return [...(reason === "" ? [] : [reason]), ...seen, `${milliseconds.toFixed(0)} ms`];
}

function legendOf([outcome, sign]: readonly [string, string]): string {
  return `<span><i class="cell ${LOOKS[outcome as Outcome]}">${sign}</i>${outcome}</span>`;
}

/** A cell and the panel that it opens. The browser does it: the page has no script. */
function cellOf(id: string, look: string, sign: string, lines: readonly string[]): string {
  const [title = "", ...rest] = lines.map(escaped);
  return element(
    "td",
    {},
    element(
      "button",
      { class: `cell ${look}`, popovertarget: id, "aria-label": rest[0] ?? "" },
      sign,
    ),
    element(
      "div",
      { popover: "", id },
      `<b>${title}</b>`,
      ...rest.filter((line) => line !== "").map((line) => `<p>${line}</p>`),
    ),
  );
}
