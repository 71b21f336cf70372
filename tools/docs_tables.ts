/**
 * Prints the tables of the documents from the code itself, so that neither can drift.
 *
 *     npm run docs         writes them
 *     npm run docs:check   fails when one is stale
 */
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { openSecrets } from "../adapters/node/mod.ts";
import {
  GUARANTEE_NAMES,
  type Guarantees,
  LIFECYCLE_EVENTS,
  LIFECYCLE_STATES,
  nextState,
} from "../core/mod.ts";
import { nextPhase, ROTATION_INPUTS, ROTATION_PHASES } from "../features/rotation/phases.ts";

/** Each table by its name, as it stands between `<!-- table:NAME -->` and `<!-- /table -->`. */
const TABLES: Readonly<Record<string, () => string>> = { lifecycle, guarantees, rotation };
const DOCUMENTS = ["SECURITY.md", "docs/lifecycle.md", "docs/memories.md", "docs/rotation.md"];

function lifecycle(): string {
  const outcome = (
    state: (typeof LIFECYCLE_STATES)[number],
    event: (typeof LIFECYCLE_EVENTS)[number],
  ): string => {
    if (state === "guarded" && event === "end") return "–";
    const result = nextState(state, event, 1, false);
    return result === state && event !== "end" ? `${result} (stays)` : result;
  };
  return table(
    ["", ...LIFECYCLE_EVENTS],
    LIFECYCLE_STATES.map((state) => [
      `**${state}**`,
      ...LIFECYCLE_EVENTS.map((event) => outcome(state, event)),
    ]),
  );
}

/** The levels of each memory on Linux. Node 26.1 or newer has all of them. */
function guarantees(): string {
  const memories = ["secretmem", "pages", "sodium", "heap"].map(
    (memory): readonly [string, Guarantees] => [memory, openSecrets({ memory }).guarantees],
  );
  return table(
    ["", ...memories.map(([name]) => name)],
    GUARANTEE_NAMES.map((name) => [
      `\`${name}\``,
      ...memories.map(([, levels]) => (levels[name].level === "none" ? "–" : levels[name].level)),
    ]),
  );
}

function rotation(): string {
  const cell = (phase: (typeof ROTATION_PHASES)[number], at: number): string => {
    try {
      return nextPhase(phase, ROTATION_INPUTS[at] ?? "close").phase;
    } catch {
      return "–";
    }
  };
  return table(
    ["", ...ROTATION_INPUTS],
    ROTATION_PHASES.map((phase) => [
      `**${phase}**`,
      ...ROTATION_INPUTS.map((_, at) => cell(phase, at)),
    ]),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function refresh(document: string): string {
  return document.replace(
    /(<!-- table:(\w+) -->\n)[\s\S]*?(<!-- \/table -->)/g,
    (_all, start: string, name: string, end: string) => {
      const print = TABLES[name];
      if (print === undefined) throw new RangeError(`No such table: ${name}`);
      return `${start}\n${print()}\n\n${end}`;
    },
  );
}

const stale = DOCUMENTS.filter((path) => {
  const before = readFileSync(path, "utf8");
  const after = refresh(before);
  if (!process.argv.includes("--check")) writeFileSync(path, after);
  return before !== after;
});
if (process.argv.includes("--check") && stale.length > 0) {
  process.stderr.write(`Stale tables in ${stale.join(", ")}: run npm run docs\n`);
  process.exitCode = 1;
}
