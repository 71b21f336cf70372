/**
 * Puts small mistakes into the sources, one at a time, and shows which of them no test notices.
 *
 *     npm run mutate [-- OPTIONS] [PART OF A PATH...]
 *
 *     --changed REF   only files that differ from this commit; fails below the aim of their folder
 *     --sample PART   of the mutants, from 0 to 1
 *     --seed NUMBER   which of them
 *     --write         keeps the result of whole folders, and prints docs/mutation.md from them
 *
 * Without a path it runs every folder of tools/mutate/folders.ts. The results are one line for each survivor.
 */
import { execFileSync } from "node:child_process";
import process from "node:process";
import { parseArgs } from "node:util";
import { FOLDERS, type Folder } from "./folders.ts";
import { writeReport } from "./report.ts";
import { score, summarize, writeResult } from "./results.ts";
import { type Choice, type Judged, runFolder } from "./run_folder.ts";

const { values, positionals } = parseArgs({
  options: {
    changed: { type: "string" },
    sample: { type: "string", default: "1" },
    seed: { type: "string", default: "1" },
    write: { type: "boolean", default: false },
  },
  allowPositionals: true,
});

const changed = values.changed === undefined ? null : changedSince(values.changed);
const choice: Choice = {
  isWanted: (path) =>
    (changed?.has(path) ?? true) &&
    (positionals.length === 0 || positionals.some((part) => path.startsWith(part))),
  sample: Number(values.sample),
  seed: Number(values.seed),
};

for (const folder of FOLDERS.filter(isWanted)) await run(folder);
if (values.write) writeReport();
process.exit();

function isWanted({ name }: Folder): boolean {
  return (
    positionals.length === 0 ||
    positionals.some((part) => part.startsWith(name) || name.startsWith(part))
  );
}

async function run(folder: Folder): Promise<void> {
  const judged = await runFolder(folder, choice);
  if (judged.length === 0) return;
  for (const one of judged) print(one);
  const result = score(Object.values(summarize(judged, choice).files));
  const said = result === null ? "nothing reached" : `${result.toFixed(1)} %`;
  process.stdout.write(`${folder.name}: ${said}, the aim is ${folder.aim} %\n`);
  if (values.write) writeResult(folder.name, judged, choice);
  if (result !== null && result < folder.aim) process.exitCode = 1;
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
