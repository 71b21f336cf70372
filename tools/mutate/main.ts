/**
 * Puts small mistakes into the sources, one at a time, and shows which of them no test notices.
 *
 *     npm run mutate [-- OPTIONS] [PART OF A PATH...]
 *
 *     --changed REF     only files that differ from this commit; fails below the aim of their folder
 *     --sample NUMBER   so many mutants of each folder, chosen by --seed NUMBER
 *     --again           only what survived the last run, for tests that were written since
 *     --write           keeps the results, and prints docs/mutation.md from them
 *     --print           runs nothing, and prints docs/mutation.md
 *
 * Without a path it runs every folder of tools/mutate/folders.ts. The results are one line for each survivor.
 */
import { execFileSync } from "node:child_process";
import process from "node:process";
import { parseArgs } from "node:util";
import { type Choice, mutantsOf } from "./choice.ts";
import { FOLDERS, type Folder } from "./folders.ts";
import { writeReport } from "./report.ts";
import { type Judged, score, summarize, sumOf, writeResult } from "./results.ts";
import { runFolder } from "./run_folder.ts";

const { values, positionals } = parseArgs({
  options: {
    changed: { type: "string" },
    sample: { type: "string" },
    seed: { type: "string", default: "1" },
    again: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    print: { type: "boolean", default: false },
  },
  allowPositionals: true,
});

const changed = values.changed === undefined ? null : changedSince(values.changed);
const choice: Choice = {
  isWanted: (path) =>
    (changed?.has(path) ?? true) &&
    (positionals.length === 0 || positionals.some((part) => path.startsWith(part))),
  most: values.sample === undefined ? null : Number(values.sample),
  seed: Number(values.seed),
  isAgain: values.again,
};

if (values.print) {
  writeReport();
} else {
  for (const folder of FOLDERS.filter(isWanted)) await run(folder);
}
process.exit();

function isWanted({ name }: Folder): boolean {
  return (
    positionals.length === 0 ||
    positionals.some((part) => part.startsWith(name) || name.startsWith(part))
  );
}

async function run(folder: Folder): Promise<void> {
  const chosen = mutantsOf(folder, choice);
  process.stderr.write(`${folder.name}: ${chosen.mutants.length} mutants\n`);
  const judged = (await runFolder(folder, chosen)).map(keepSurvivor);
  if (judged.length === 0 && chosen.texts.size === 0) return;
  for (const one of judged) print(one);
  const isWhole = !choice.isAgain && chosen.sample === null;
  const result = summarize(judged, chosen.sample, isWhole ? [...chosen.texts.keys()] : []);
  const percent = score(sumOf(Object.values(result.files)));
  const said = percent === null ? "nothing reached" : `${percent.toFixed(1)} %`;
  process.stdout.write(`${folder.name}: ${said}, the aim is ${folder.aim} %\n`);
  if (values.write) {
    writeResult(folder.name, result, choice.isAgain);
    writeReport();
  }
  if (percent !== null && percent < folder.aim) process.exitCode = 1;
}

/** What survived is still a survivor when a slower machine leaves out the test that reached it. */
function keepSurvivor(one: Judged): Judged {
  return choice.isAgain && one.fate === "not reached" ? { ...one, fate: "survived" } : one;
}

function print({ fate, mutant: { path, line, change } }: Judged): void {
  if (fate === "survived" || fate === "not reached") {
    process.stdout.write(`${fate}: ${path}:${line}: ${change}\n`);
  }
}

function changedSince(commit: string): ReadonlySet<string> {
  const names = execFileSync("git", ["diff", "--name-only", commit], { encoding: "utf8" });
  return new Set(names.split("\n"));
}
