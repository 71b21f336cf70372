/** Prints docs/mutation.md from the results of the last run. */
import { readFileSync, writeFileSync } from "node:fs";
import { ACCEPTED } from "./accepted.ts";
import { FOLDERS } from "./folders.ts";
import {
  type FileResult,
  type FolderResult,
  readResults,
  type Survivor,
  score,
} from "./results.ts";

const PATH = "docs/mutation.md";

const HEAD = `# Mutation testing

<!-- Printed by npm run mutate: change tools/mutate/report.ts instead. -->

A test suite is worth what it notices. \`npm run mutate\` puts small mistakes into the sources, one at a time
(\`<\` for \`<=\`, a condition that always holds, a call left out, a length off by one), and runs the tests that
reach the changed line. A mistake that no test notices is a *survivor*: it is either a missing test, or a
change that makes no difference.

- Only tests that start no process take part: a child process would load the sources without the mistake.
  Code that only such tests reach counts as *not reached*, and not as killed.
- Code that runs while a module loads is tried with five of the test files that load it.
- A test has to pass without a mutant right before each one, so that none is killed by what another left.
- Not changed: types, imports, regular expressions, texts for people, and long tables of numbers.
- \`npm run mutate -- core/codec\` runs one file, \`npm run mutate -- --changed main\` the files of a branch.

`;

export function writeReport(): void {
  writeFileSync(PATH, report());
}

export const isStale = (): boolean => readFileSync(PATH, "utf8") !== report();

function report(): string {
  const results = readResults();
  const done = FOLDERS.filter(({ name }) => results[name] !== undefined);
  const rows = FOLDERS.map(({ name, aim }) => {
    const result = results[name];
    return result === undefined ? notRun(name, aim) : row(name, result, aim);
  });
  const survivors = done.flatMap(({ name }) => list(name, results[name] as FolderResult));
  return `${HEAD}${table(rows)}\n${survivors.join("\n")}`;
}

function table(rows: readonly string[]): string {
  const head =
    "| | sample | mutants | not reached | killed | survived | of them explained | score | aim |";
  return [head, "|---|---|---|---|---|---|---|---|---|", ...rows, ""].join("\n");
}

const notRun = (name: string, aim: number): string =>
  `| \`${name}\` | not run as a whole yet |  |  |  |  |  |  | ${aim} % |`;

function row(name: string, result: FolderResult, aim: number): string {
  const files = Object.values(result.files);
  const sum = (pick: (file: FileResult) => number): number =>
    files.reduce((total, file) => total + pick(file), 0);
  const killed = sum(({ killed: one, stopped }) => one + stopped);
  const survived = sum((file) => file.survived);
  const notReached = sum((file) => file.notReached);
  const explained = result.survivors.filter((survivor) => reason(survivor) !== undefined).length;
  const sample = result.sample === 1 ? "all" : `${100 * result.sample} %, seed ${result.seed}`;
  const mutants = killed + survived + notReached;
  return `| \`${name}\` | ${sample} | ${mutants} | ${notReached} | ${killed} | ${survived} | ${explained} | ${percent(score(files))} | ${aim} % |`;
}

const percent = (value: number | null): string => (value === null ? "–" : `${value.toFixed(1)} %`);

function list(name: string, { survivors }: FolderResult): readonly string[] {
  if (survivors.length === 0) return [];
  const lines = survivors.map((survivor) => {
    const why = reason(survivor) ?? "a test to come";
    return `- \`${survivor.path}\`: \`${survivor.change.replaceAll("`", "'")}\` in \`${survivor.source.replaceAll("`", "'")}\`: ${why}`;
  });
  return [`## Survivors in ${name}`, "", ...new Set(lines), ""];
}

function reason({ path, source, change }: Survivor): string | undefined {
  return ACCEPTED.find((one) => one.path === path && one.source === source && one.change === change)
    ?.why;
}
