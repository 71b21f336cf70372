import { expect, it } from "vitest";
import type { Report } from "../../conformance/mod.ts";
import { GUARANTEE_NAMES, type Guarantees, verified } from "../../core/mod.ts";
import { APPROACHES } from "../residue/approaches.ts";
import type { Residue, ResidueScan } from "../residue/survey.ts";
import type { Column } from "./column.ts";
import { type Findings, failuresOf } from "./gather.ts";
import { toJson } from "./json.ts";
import { toMarkdown } from "./markdown.ts";
import { toPage } from "./page/page.ts";

const HOSTILE = `<script>alert("&|'")</script>`;

const guarantees = Object.fromEntries(
  GUARANTEE_NAMES.map((name) => [name, verified(HOSTILE)]),
) as unknown as Guarantees;

function column(outcome: "passed" | "failed"): Column {
  const results = [
    { id: "M1", title: HOSTILE, outcome, reason: "", evidence: [HOSTILE], milliseconds: 1 },
    { id: "M2", title: "two", outcome: "not run", reason: "why", evidence: [], milliseconds: 0 },
  ] as const;
  const failed = outcome === "failed" ? ["M1"] : [];
  const report: Report = {
    subject: "subject",
    runtime: "node",
    guarantees,
    results,
    failed,
    notRun: ["M2"],
  };
  return { runtime: "node 24.21.0", memory: "pages", report, failure: "", broken: false };
}

const mapping = { start: 0x1000n, end: 0x3000n, permissions: "rw-p", name: "", flags: [] };
const range = { start: 0x1000n, end: 0x3000n, kind: "anonymous" } as const;

function residue(copiesLeft: number): Residue {
  const finding = {
    needle: "password",
    encoding: "raw",
    address: 0x1800n,
    coveredBytes: 24,
    complete: true,
    mapping,
    protection: "read-write",
  } as const;
  const scan = (moment: ResidueScan["moment"], copies: number): ResidueScan => ({
    moment,
    process: 0,
    findings: Array.from({ length: copies }, () => finding),
    ranges: [range],
    hidden: [],
  });
  const scans = [scan("before", 0), scan("live", 1), scan("ended", 0), scan("later", copiesLeft)];
  const [approach] = APPROACHES;
  if (approach === undefined) throw new Error("no approaches");
  return { approach, runtime: "node 24.21.0", memory: "pages", scans, failure: null };
}

function findings(outcome: "passed" | "failed", copiesLeft: number): Findings {
  const absent = {
    runtime: "chromium",
    memory: "heap",
    report: null,
    failure: HOSTILE,
    broken: false,
  };
  return {
    made: "2026-01-02T03:04:05.678Z",
    machine: HOSTILE,
    conditions: [
      { name: "swap", verdict: "weak", evidence: HOSTILE, meaning: "m", remedy: HOSTILE },
    ],
    columns: [column(outcome), absent],
    residue: [residue(copiesLeft)],
    duration: 2,
  };
}

it("escapes everything that it did not write itself, and loads nothing", () => {
  const page = toPage(findings("passed", 0));
  expect(page).not.toContain("<script");
  expect(page).toMatch(/<body><main>[\s\S]*<\/main><\/body>/);
  expect(page).not.toMatch(/(?:src|href)=/);
  expect(page.match(/&#60;script&#62;/g)?.length).toBeGreaterThanOrEqual(6);
});

it("opens every cell to a panel with its evidence", () => {
  const page = toPage(findings("passed", 0));
  const opened = [...page.matchAll(/popovertarget="([^"]+)"/g)].map(([, id]) => id);
  const panels = [...page.matchAll(/<div popover="" id="([^"]+)"/g)].map(([, id]) => id);
  expect(opened).toEqual(panels);
  expect(new Set(panels).size).toBe(panels.length);
  expect(panels).toHaveLength(GUARANTEE_NAMES.length + 2);
});

it("marks each copy, and places it inside its mapping", () => {
  const page = toPage(findings("passed", 3));
  const marks = [...page.matchAll(/<rect class="copy( live)?" x="([\d.]+)"/g)];
  expect(marks.map(([, live]) => live !== undefined)).toEqual([true, false, false, false]);
  expect(marks.map(([, , x]) => Number(x))).toEqual([240, 240, 240, 240]); // a quarter into 960
});

it("gives each process of an approach its own strip and number", () => {
  const one = residue(0);
  const approach = APPROACHES.find(({ id }) => id === "fork");
  if (approach === undefined) throw new Error("no approach with a worker");
  const scans = one.scans.flatMap((scan) => [scan, { ...scan, process: 1, findings: [] }]);
  const page = toPage({ ...findings("passed", 0), residue: [{ ...one, approach, scans }] });
  const labels = [...page.matchAll(/aria-label="(live[^"]+)".*?class="number">(\d+)</g)];
  expect(labels.map(([, label, number]) => [label, number])).toEqual([
    ["live, program: 1 copies", "1"],
    ["live, worker: 0 copies", "0"],
  ]);
});

it("says what is not as promised", () => {
  expect(failuresOf(findings("passed", 0))).toEqual([]);
  expect(failuresOf(findings("failed", 0))).toEqual(["node 24.21.0, pages memory: M1 failed"]);
  expect(failuresOf(findings("passed", 2))).toEqual([
    "node 24.21.0, Lethe: 2 copies after destroy",
  ]);
  const ours = APPROACHES.filter((approach) => approach.ours).map(({ id }) => id);
  expect(ours).toEqual(["lethe", "custodian"]); // a copy that one of them leaves is a failure
});

it("writes a Markdown table that a hostile text does not break", () => {
  const lines = toMarkdown(findings("failed", 0)).split("\n");
  const rows = lines.filter((line) => /^\| M\d/.test(line));
  expect(rows).toHaveLength(2);
  for (const row of rows) expect(row.replaceAll("\\|", "").split("|")).toHaveLength(5);
  expect(lines).toContain("- **node 24.21.0, pages memory: M1 failed**");
});

it("writes JSON without addresses", () => {
  const text = toJson(findings("passed", 1));
  const { failures, residue: rows } = JSON.parse(text) as {
    failures: string[];
    residue: unknown[];
  };
  expect(failures).toEqual(["node 24.21.0, Lethe: 1 copies after destroy"]);
  expect(rows).toHaveLength(1);
  expect(text).not.toContain("address");
});
