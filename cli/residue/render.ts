import type { Finding } from "../../conformance/mod.ts";
import type { Palette } from "../terminal.ts";
import {
  copiesAt,
  copiesByProcess,
  isHidden,
  MOMENTS,
  type Moment,
  type Residue,
} from "./survey.ts";

const NAME_WIDTH = 34;
const COLUMN_WIDTH = 9;
const SHOWN: readonly Moment[] = ["before", "live", "ended", "later"];

/** The survey as a table for people. */
export function renderResidue(results: readonly Residue[], palette: Palette): string {
  const lines = [
    palette.strong("copies of one password, in every process involved, in any encoding"),
    palette.faint(
      "before: it was not typed yet; live: after five uses; ended: straight after it was",
    ),
    palette.faint("ended; later: after turns and collections; a + b: the program and its helper"),
    "",
    palette.faint(`  ${"".padEnd(NAME_WIDTH)}${SHOWN.map(column).join("")}  where, at the end`),
    ...results.map((result) => row(result, palette)),
  ];
  return `${lines.join("\n")}\n`;
}

function row(result: Residue, palette: Palette): string {
  const name = `  ${titleOf(result).padEnd(NAME_WIDTH)}`;
  if (result.failure !== null) return `${name}${palette.warn(result.failure)}`;
  const cells = SHOWN.map((moment) => {
    const copies = copiesAt(result, moment);
    const text = column(
      isHidden(result) && moment === "live" ? "hidden" : copiesIn(result, moment),
    );
    if (moment === "before" || moment === "live") return text;
    return copies === 0 ? palette.good(text) : palette.bad(text);
  });
  return `${name}${cells.join("")}  ${palette.faint(whereabouts(result))}`;
}

/** Each process's copies: `14 + 12` of a program and its worker. */
export function copiesIn(result: Residue, moment: Moment): string {
  return copiesByProcess(result, moment).join(" + ");
}

/** `Lethe, node 24 sodium`, or the approach alone. */
export function titleOf({ approach, runtime, memory }: Residue): string {
  const short = runtime.replace(/\..*$/, "");
  return memory === null ? approach.title : `${approach.title}, ${short} ${memory}`;
}

function column(text: string): string {
  return text.padStart(COLUMN_WIDTH);
}

/** The encodings in which copies remain at the last scan, each with its number. */
export function whereabouts({ scans }: Residue): string {
  const last = scans.filter(({ moment }) => moment === "later").flatMap(({ findings }) => findings);
  const byEncoding = Map.groupBy(last, ({ encoding }: Finding) => encoding);
  return [...byEncoding].map(([encoding, found]) => `${found.length} ${encoding}`).join(", ");
}

/** The survey as JSON. */
export function residueToJson(results: readonly Residue[]): string {
  return `${JSON.stringify(residueRows(results), null, 2)}\n`;
}

/** The survey for programs: no mapping tables, and never the bytes. */
export function residueRows(results: readonly Residue[]): readonly object[] {
  return results.map((result) => ({
    approach: result.approach.id,
    title: result.approach.title,
    runtime: result.runtime,
    memory: result.memory,
    failure: result.failure,
    copies: Object.fromEntries(MOMENTS.map((moment) => [moment, copiesAt(result, moment)])),
    copiesByProcess: Object.fromEntries(
      MOMENTS.map((moment) => [moment, copiesByProcess(result, moment)]),
    ),
    findings: result.scans.flatMap(({ moment, process, findings }) =>
      findings.map(({ encoding, protection, complete, mapping }) => ({
        moment,
        process,
        encoding,
        protection,
        complete,
        mapping: mapping.name,
      })),
    ),
  }));
}
