/** The results of the last run of each file, as they lie in `docs/mutation.json`. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Mutant } from "./instrument.ts";

const PATH = "docs/mutation.json";
const HASH_LENGTH = 16;

/** "stopped": by the time limit, or it ended the process. */
export type Fate = "killed" | "stopped" | "survived" | "not reached";

export interface Judged {
  readonly mutant: Mutant;
  readonly fate: Fate;
  /** The test that killed it. */
  readonly by: string | null;
}

/** A mutant without the number of its line, which changes with every edit above it. */
export interface Survivor {
  readonly path: string;
  readonly source: string;
  readonly change: string;
}

export interface FileResult {
  /** The start of the SHA-256 of the source: another one means that it was changed since. */
  readonly hash: string;
  readonly killed: number;
  /** Ended by the time limit, or with the whole process. */
  readonly stopped: number;
  readonly survived: number;
  readonly notReached: number;
}

/** A random part of the mutants of a folder. */
export interface Sample {
  readonly size: number;
  readonly of: number;
  readonly seed: number;
  /** Its survivors were run again: it is no measure of the folder any more. */
  readonly isAgain?: boolean;
}

export interface FolderResult {
  readonly sample: Sample | null;
  /** Of the last run: the commit that was checked out. What is said of a file goes by its hash. */
  readonly commit?: string;
  readonly files: Readonly<Record<string, FileResult>>;
  readonly survivors: readonly Survivor[];
}

export type Results = Readonly<Record<string, FolderResult>>;

export function readResults(): Results {
  return existsSync(PATH) ? (JSON.parse(readFileSync(PATH, "utf8")) as Results) : {};
}

export const hashOf = (path: string): string =>
  createHash("sha256").update(readFileSync(path)).digest("hex").slice(0, HASH_LENGTH);

export function writeResult(folder: string, now: FolderResult, isAgain: boolean): void {
  const results = readResults();
  const before = results[folder];
  const committed = { ...now, commit: commitOf() };
  const result = before === undefined ? committed : merge(before, committed, isAgain);
  writeFileSync(PATH, `${JSON.stringify({ ...results, [folder]: result }, null, 2)}\n`);
}

function commitOf(): string {
  return execFileSync("git", ["rev-parse", "--short=10", "HEAD"], { encoding: "utf8" }).trim();
}

/**
 * Keeps the result of each file that was run as a whole, or of a folder's sample, which replaces what was kept of
 * the folder. Of survivors that were run again, their files' counts are moved.
 */
export function merge(before: FolderResult, now: FolderResult, isAgain: boolean): FolderResult {
  if (!isAgain && (before.sample ?? now.sample) !== null) return now;
  const isKept = (path: string): boolean => existsSync(path) && now.files[path] === undefined;
  return {
    sample: before.sample === null ? null : { ...before.sample, isAgain: true },
    ...(now.commit === undefined ? {} : { commit: now.commit }),
    files: sorted({
      ...Object.fromEntries(Object.entries(before.files).filter(([path]) => isKept(path))),
      ...(isAgain ? moved(before.files, now.files) : now.files),
    }),
    survivors: [...before.survivors.filter(({ path }) => isKept(path)), ...now.survivors].sort(
      (one, other) => (one.path < other.path ? -1 : Number(one.path > other.path)),
    ),
  };
}

const sorted = <T>(files: Readonly<Record<string, T>>): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(files).sort(([one], [other]) => (one < other ? -1 : 1)));

/**
 * The counts of before, with the survivors that have died since. A line that stands twice in a file has mutants
 * that nothing tells apart, and all of them were run again: so what was killed is what is left of the whole.
 */
function moved(before: FolderResult["files"], now: FolderResult["files"]): FolderResult["files"] {
  return Object.fromEntries(
    Object.entries(now).map(([path, { hash, stopped, survived }]) => {
      const old = before[path];
      if (old === undefined) throw new RangeError(`${path} was not run before`);
      const { notReached } = old;
      const noticed = old.killed + old.stopped + old.survived - survived;
      const ended = Math.min(noticed, old.stopped + stopped);
      return [path, { hash, killed: noticed - ended, stopped: ended, survived, notReached }];
    }),
  );
}

/** @param paths of files that were run, also those in which there is nothing to change */
export function summarize(
  judged: readonly Judged[],
  sample: Sample | null,
  paths: readonly string[],
): FolderResult {
  const files: Record<string, FileResult> = {};
  for (const path of new Set([...judged.map(({ mutant }) => mutant.path), ...paths])) {
    const count = (fate: Judged["fate"]): number =>
      judged.filter((one) => one.mutant.path === path && one.fate === fate).length;
    files[path] = {
      hash: hashOf(path),
      killed: count("killed"),
      stopped: count("stopped"),
      survived: count("survived"),
      notReached: count("not reached"),
    };
  }
  const survivors = judged
    .filter(({ fate }) => fate === "survived")
    .map(({ mutant: { path, source, change } }) => ({ path, source, change }));
  return { sample, files, survivors };
}

export interface Sum {
  readonly killed: number;
  readonly stopped: number;
  readonly survived: number;
  readonly notReached: number;
}

export function sumOf(files: readonly FileResult[]): Sum {
  const sum = (pick: (file: FileResult) => number): number =>
    files.reduce((total, file) => total + pick(file), 0);
  return {
    killed: sum(({ killed }) => killed),
    stopped: sum(({ stopped }) => stopped),
    survived: sum(({ survived }) => survived),
    notReached: sum(({ notReached }) => notReached),
  };
}

/** Percent of the mutants that tests reached; null where none was reached. */
export function score({ killed, stopped, survived }: Sum): number | null {
  const reached = killed + stopped + survived;
  return reached === 0 ? null : (100 * (killed + stopped)) / reached;
}
