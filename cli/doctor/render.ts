import { GUARANTEE_NAMES } from "../../core/mod.ts";
import { type Palette, wrap } from "../terminal.ts";
import type { Diagnosis } from "./doctor.ts";
import type { Condition } from "./environment.ts";
import type { Automatic, Examination } from "./examine.ts";
import type { Judgement, Verdict } from "./verdict.ts";

const MARK: Readonly<Record<Verdict, string>> = {
  proven: "●",
  claimed: "○",
  "best effort": "◐",
  refuted: "✖",
  none: "·",
};
const NAME_WIDTH = 22;
const VERDICT_WIDTH = 13;
const CELL_WIDTH = 11;

/** The whole diagnosis as text for people, at most `width` columns wide. */
export function render(diagnosis: Diagnosis, palette: Palette, width: number): string {
  const { machine, runtimes, leftOut, examinations, conditions, failures, duration } = diagnosis;
  const seconds = (duration / 1000).toFixed(1);
  return [
    palette.strong("lethe doctor"),
    palette.faint(`${machine}, ${runtimes.length} runtimes`),
    ...runtimes.flatMap(({ title, executable, found }) => [
      palette.faint(`  ${title.padEnd(NAME_WIDTH)}${executable} (${found})`),
      ...renderAutomatic(diagnosis.automatic[title], palette, width),
    ]),
    ...leftOut.flatMap(({ executable, reason }) =>
      indent(
        `not examined: ${executable}: ${reason}; --runtime ${executable} examines it`,
        2,
        width,
      ).map(palette.warn),
    ),
    "",
    ...examinations.flatMap((examination) => [...renderOne(examination, palette, width), ""]),
    palette.strong("this machine"),
    ...conditions.flatMap((condition) => renderCondition(condition, palette, width)),
    "",
    ...renderMatrix(examinations, palette, width),
    "",
    ...failures.map((failure) => palette.bad(`✖ ${failure}`)),
    failures.length === 0
      ? palette.good(`Every claim held. ${seconds} s`)
      : palette.bad(`${failures.length} not as claimed. ${seconds} s`),
  ].join("\n");
}

/** What a program gets that asks for no memory by name, and how it would get a stronger one. */
function renderAutomatic(
  automatic: Automatic | undefined,
  palette: Palette,
  width: number,
): readonly string[] {
  if (automatic === undefined) return [];
  const { memory, passedOver } = automatic;
  return [
    palette.faint(`    openSecrets() takes ${memory}`),
    ...passedOver.flatMap(({ memory: stronger, reason }) =>
      indent(`not ${stronger}: ${reason}`, 6, width).map(palette.warn),
    ),
  ];
}

function renderOne(examination: Examination, palette: Palette, width: number): readonly string[] {
  const { runtime, memory, unavailable, broken, blind, guarantees, steps } = examination;
  const title = palette.strong(`${runtime} · ${memory}`);
  if (unavailable !== null) {
    const colour = broken ? palette.bad : palette.warn;
    return [title, ...indent(unavailable, 2, width).map(colour)];
  }
  return [
    title,
    ...steps.map(({ name, holds, evidence }) => {
      const mark = holds ? palette.good("✔") : palette.bad("✖");
      return `  ${mark} ${name.padEnd(NAME_WIDTH - 2)}${evidence}`;
    }),
    ...(blind === null ? [] : indent(`not looked into: ${blind}`, 2, width).map(palette.warn)),
    ...guarantees
      .filter(({ verdict }) => verdict !== "none")
      .flatMap((judgement) => renderJudgement(judgement, palette, width)),
    ...renderNotGiven(guarantees, palette, width),
  ];
}

function renderJudgement(
  { name, verdict, evidence }: Judgement,
  palette: Palette,
  width: number,
): readonly string[] {
  const colour = colourOf(verdict, palette);
  const head = `  ${name.padEnd(NAME_WIDTH)}${colour(verdict.padEnd(VERDICT_WIDTH))}`;
  const [first = "", ...rest] = indent(evidence, NAME_WIDTH + VERDICT_WIDTH + 2, width);
  return [head + palette.faint(first.trimStart()), ...rest.map(palette.faint)];
}

/** What is not given, one entry for each reason. */
function renderNotGiven(
  guarantees: readonly Judgement[],
  palette: Palette,
  width: number,
): readonly string[] {
  const missing = guarantees.filter(({ verdict }) => verdict === "none");
  const byReason = Map.groupBy(missing, ({ evidence }) => evidence);
  return [...byReason].flatMap(([reason, names]) => {
    const text = `not given: ${names.map(({ name }) => name).join(", ")} (${reason})`;
    return indent(text, 2, width).map(palette.faint);
  });
}

function renderCondition(condition: Condition, palette: Palette, width: number): readonly string[] {
  const { name, verdict, evidence, meaning, remedy } = condition;
  const colour = verdict === "good" ? palette.good : palette.warn;
  const gap = NAME_WIDTH + VERDICT_WIDTH + 2;
  return [
    `  ${name.padEnd(NAME_WIDTH)}${colour(verdict.padEnd(VERDICT_WIDTH))}${palette.faint(evidence)}`,
    ...(meaning === "" ? [] : indent(meaning, gap, width)),
    ...(remedy === "" ? [] : indent(`remedy: ${remedy}`, gap, width)),
  ];
}

/** Guarantees by runtime and memory, a mark each, in as many blocks as the width asks for. */
function renderMatrix(
  examinations: readonly Examination[],
  palette: Palette,
  width: number,
): readonly string[] {
  const columns = examinations.filter(({ unavailable }) => unavailable === null);
  const perBlock = Math.max(1, Math.floor((width - NAME_WIDTH - 2) / CELL_WIDTH));
  const blocks = Array.from({ length: Math.ceil(columns.length / perBlock) }, (_, block) =>
    columns.slice(block * perBlock, (block + 1) * perBlock),
  );
  return [
    palette.strong("summary"),
    ...blocks.flatMap((block) => [...renderBlock(block, palette), ""]),
    palette.faint(
      `  ${(Object.keys(MARK) as Verdict[]).map((verdict) => `${MARK[verdict]} ${verdict}`).join("   ")}`,
    ),
  ];
}

function renderBlock(columns: readonly Examination[], palette: Palette): readonly string[] {
  const row = (name: string, cells: readonly string[]): string =>
    `  ${name.padEnd(NAME_WIDTH)}${cells.join("")}`.trimEnd();
  return [
    row(
      "",
      columns.map(({ runtime }) => short(runtime).padEnd(CELL_WIDTH)),
    ),
    row(
      "",
      columns.map(({ memory }) => memory.padEnd(CELL_WIDTH)),
    ),
    ...GUARANTEE_NAMES.map((name) =>
      row(
        name,
        columns.map(({ guarantees }) => {
          const found = guarantees.find((judgement) => judgement.name === name);
          const verdict = found?.verdict ?? "none";
          return colourOf(verdict, palette)(MARK[verdict]) + " ".repeat(CELL_WIDTH - 1);
        }),
      ),
    ),
  ];
}

/** `node 24.21.0` as `node 24`: the full version stands in its own table. */
function short(runtime: string): string {
  return runtime.replace(/\..*$/, "");
}

function colourOf(verdict: Verdict, palette: Palette): (text: string) => string {
  if (verdict === "proven") return palette.good;
  if (verdict === "refuted") return palette.bad;
  return verdict === "none" ? palette.faint : palette.warn;
}

function indent(text: string, by: number, width: number): readonly string[] {
  return wrap(text, width - by).map((line) => " ".repeat(by) + line);
}
