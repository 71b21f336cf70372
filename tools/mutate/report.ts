/** Prints docs/mutation.md from the results of the last run. */
import { writeFileSync } from "node:fs";
import type { Accepted } from "./accepted/explanation.ts";
import { filesOf } from "./choice.ts";
import { explain } from "./explain.ts";
import { FOLDERS, type Folder } from "./folders.ts";
import { type FolderResult, hashOf, readResults, type Sum, score, sumOf } from "./results.ts";

const PATH = "docs/mutation.md";

const HEAD = `# Mutation testing

<!-- Printed by npm run mutate: change tools/mutate/report.ts instead. -->

A test suite is worth what it notices. \`npm run mutate\` puts small mistakes into the sources, one at a time
(\`<\` for \`<=\`, a condition that always holds, a call left out, a length off by one), and runs the tests that
reach the changed line. A mistake that no test notices is a *survivor*: it is either a missing test, or a
change that makes no difference.

- Tests that start a process take part only where they also run the folder in their own: a child process would
  load the sources without the mistake. Code that only others reach counts as *not reached*, and not as killed.
- Tests that take longer than half a second of the processor run no mutant. What only they reach counts as survived.
- Of core, \`collected.test.ts\` takes no part, which waits for the garbage collector, nor does \`dropped.ts\`,
  which it alone holds to anything.
- Code that runs while a module loads is tried with six of the test files that load it: those named after it,
  and those that run most of it.
- A test has to pass without a mutant right before each one that it kills, so that none is killed by what another
  left. A test that fails without a mutant ends the run.
- *Stopped* mutants ran into a time limit, or ended the process. The score counts them as noticed: it is the
  part of the reached mutants that were killed or stopped.
- *Equivalent* mutants are survivors that make no difference; each is listed with the reason. The second score
  leaves them out.
- The table says at which commit a folder was run last. The survivors of a file are those of its content at that time, and the
  table counts those that changed since.
- Of a sample whose survivors were run again, with tests that were written for them, the figures are of the
  sample alone.
- Of a *sample* the table says how many mutants were drawn at random, and between which figures the score of the
  whole folder lies with a confidence of 95 %.
- Not changed: types, imports, regular expressions, texts for people, and long tables of numbers.
- \`npm run mutate -- core/codec\` runs one file, \`npm run mutate -- --changed main\` the files of a branch.

`;

export function writeReport(): void {
  writeFileSync(PATH, report());
}

function report(): string {
  const results = readResults();
  const rows = FOLDERS.map((folder) => {
    const result = results[folder.name];
    return result === undefined ? notRun(folder) : row(folder, result);
  });
  const survivors = FOLDERS.flatMap(({ name }) => list(name, results[name]));
  return `${HEAD}${table(rows)}\n${survivors.join("\n")}`;
}

function table(rows: readonly string[]): string {
  const head =
    "| | run | mutants | not reached | killed | stopped | survived | of them equivalent | score | without equivalents | aim |";
  return [head, "|---|---|---|---|---|---|---|---|---|---|---|", ...rows, ""].join("\n");
}

const notRun = ({ name, aim }: Folder): string =>
  `| \`${name}\` | not run as a whole yet |  |  |  |  |  |  |  |  | ${aim} % |`;

function row(folder: Folder, result: FolderResult): string {
  const sum = sumOf(Object.values(result.files));
  const { killed, stopped, survived, notReached } = sum;
  const equivalent = explain(result.survivors).filter((why) => why?.isEquivalent).length;
  // Of survivors for which tests were written since nothing can be said of the rest of the folder.
  const isSample = result.sample !== null && result.sample.isAgain !== true;
  const cells = [
    `\`${folder.name}\``,
    extent(folder, result),
    killed + stopped + survived + notReached,
    notReached,
    killed,
    stopped,
    survived,
    equivalent,
    figure(sum, isSample),
    figure({ ...sum, survived: survived - equivalent }, isSample),
    `${folder.aim} %`,
  ];
  return `| ${cells.join(" | ")} |`;
}

/** How much of the folder was run, and whether its sources have changed since. */
function extent(folder: Folder, { sample, files, commit }: FolderResult): string {
  const all = filesOf(folder);
  const run = Object.keys(files).filter((path) => all.includes(path));
  const changed = run.filter((path) => files[path]?.hash !== hashOf(path)).length;
  const at = commit === undefined ? "" : `, last at \`${commit}\``;
  const since = `${at}${changed === 0 ? "" : `; ${changed} of its files changed since`}`;
  if (sample !== null) {
    const again = sample.isAgain === true ? ", whose survivors were run again" : "";
    return `a sample of ${sample.size} of ${sample.of}, seed ${sample.seed}${again}${since}`;
  }
  return `${run.length === all.length ? "all" : `${run.length} of ${all.length} files`}${since}`;
}

const percent = (value: number | null): string => (value === null ? "–" : `${value.toFixed(1)} %`);

function figure(sum: Sum, isSample: boolean): string {
  const text = percent(score(sum));
  if (!isSample) return text;
  const [from, to] = interval(sum);
  return `${text} (${percent(from)} to ${percent(to)})`;
}

/** Of the normal distribution, for a confidence of 95 %. */
const Z = 1.96;

/** Wilson's interval of a part that was drawn at random. */
function interval({ killed, stopped, survived }: Sum): readonly [from: number, to: number] {
  const size = killed + stopped + survived;
  if (size === 0) return [0, 100];
  const part = (killed + stopped) / size;
  const middle = part + Z ** 2 / (2 * size);
  const width = Z * Math.sqrt((part * (1 - part)) / size + Z ** 2 / (4 * size ** 2));
  const whole = 1 + Z ** 2 / size;
  return [(100 * (middle - width)) / whole, (100 * (middle + width)) / whole];
}

function list(name: string, result: FolderResult | undefined): readonly string[] {
  if (result === undefined || result.survivors.length === 0) return [];
  const reasons = explain(result.survivors);
  const lines = result.survivors.map(({ path, change, source }, at) => {
    const quoted = [path, change, source].map((text) => `\`${text.replaceAll("`", "'")}\``);
    return `- ${quoted[0]}: ${quoted[1]} in ${quoted[2]}: ${textOf(reasons[at])}`;
  });
  return [`## Survivors in ${name}`, "", ...lines, ""];
}

const textOf = (why: Accepted | undefined): string => {
  if (why === undefined) return "a test to come";
  return why.isEquivalent ? `equivalent: ${why.why}` : why.why;
};
