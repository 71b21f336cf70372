/** The results of the last run of each folder, as they lie in `docs/mutation.json`. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Choice, Judged } from "./run_folder.ts";

const PATH = "docs/mutation.json";

/** A mutant without the number of its line, which changes with every edit above it. */
export interface Survivor {
  readonly path: string;
  readonly source: string;
  readonly change: string;
}

export interface FileResult {
  readonly killed: number;
  /** Killed by the time limit, or by the end of the process. */
  readonly stopped: number;
  readonly survived: number;
  readonly notReached: number;
}

export interface FolderResult {
  readonly sample: number;
  readonly seed: number;
  readonly files: Readonly<Record<string, FileResult>>;
  readonly survivors: readonly Survivor[];
}

export type Results = Readonly<Record<string, FolderResult>>;

export function readResults(): Results {
  return existsSync(PATH) ? (JSON.parse(readFileSync(PATH, "utf8")) as Results) : {};
}

export function writeResult(folder: string, judged: readonly Judged[], choice: Choice): void {
  const results = { ...readResults(), [folder]: summarize(judged, choice) };
  writeFileSync(PATH, `${JSON.stringify(results, null, 2)}\n`);
}

export function summarize(judged: readonly Judged[], { sample, seed }: Choice): FolderResult {
  const files: Record<string, FileResult> = {};
  for (const path of new Set(judged.map(({ mutant }) => mutant.path))) {
    const count = (fate: Judged["fate"]): number =>
      judged.filter((one) => one.mutant.path === path && one.fate === fate).length;
    files[path] = {
      killed: count("killed"),
      stopped: count("stopped"),
      survived: count("survived"),
      notReached: count("not reached"),
    };
  }
  const survivors = judged
    .filter(({ fate }) => fate === "survived")
    .map(({ mutant: { path, source, change } }) => ({ path, source, change }));
  return { sample, seed, files, survivors };
}

/** Percent of the mutants that tests reached; null where none was reached. */
export function score(files: readonly FileResult[]): number | null {
  const sum = (pick: (file: FileResult) => number): number =>
    files.reduce((total, file) => total + pick(file), 0);
  const killed = sum(({ killed: one, stopped }) => one + stopped);
  const reached = killed + sum(({ survived }) => survived);
  return reached === 0 ? null : (100 * killed) / reached;
}
