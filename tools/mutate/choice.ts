/** Which mutants of a folder are run, and what became of them. */
import { globSync, readFileSync } from "node:fs";
import type { Folder } from "./folders.ts";
import { instrument, type Mutant } from "./instrument.ts";
import { hashOf, readResults, type Sample, type Survivor } from "./results.ts";

export interface Choice {
  /** Only files for which this holds. */
  readonly isWanted: (path: string) => boolean;
  /** So many mutants of a folder, or all of them. */
  readonly most: number | null;
  readonly seed: number;
  /** Only what survived the last run. */
  readonly isAgain: boolean;
}

export interface Chosen {
  /** Every file of the folder that is run, with all its mutants. */
  readonly texts: ReadonlyMap<string, string>;
  readonly mutants: readonly Mutant[];
  readonly sample: Sample | null;
}

export function mutantsOf(folder: Folder, choice: Choice): Chosen {
  const texts = new Map<string, string>();
  const all: Mutant[] = [];
  for (const path of filesOf(folder).filter(choice.isWanted)) {
    const { text, mutants } = instrument(path, readFileSync(path, "utf8"), all.length);
    texts.set(path, text);
    all.push(...mutants);
  }
  if (choice.isAgain) return { texts, mutants: all.filter(isSurvivorOf(folder)), sample: null };
  if (choice.most === null || choice.most >= all.length)
    return { texts, mutants: all, sample: null };
  const sample = { size: choice.most, of: all.length, seed: choice.seed };
  return { texts, mutants: pick(all, sample), sample };
}

export const filesOf = ({ files, without = [] }: Folder): readonly string[] =>
  globSync(files)
    .filter((path) => !/\.test\.ts$/.test(path) && !without.includes(path))
    .sort();

function isSurvivorOf({ name }: Folder): (mutant: Mutant) => boolean {
  const result = readResults()[name];
  const keys = new Set((result?.survivors ?? []).map(keyOf));
  const isSame = (path: string): boolean => result?.files[path]?.hash === hashOf(path);
  return (mutant) => keys.has(keyOf(mutant)) && isSame(mutant.path);
}

export const keyOf = ({ path, source, change }: Survivor): string =>
  [path, source, change].join("\n");

/** The same sample from the same seed, in the order of the files. */
function pick(mutants: readonly Mutant[], { size, seed }: Sample): readonly Mutant[] {
  const random = generator(seed);
  return mutants
    .map((mutant) => ({ mutant, at: random() }))
    .sort((one, other) => one.at - other.at)
    .slice(0, size)
    .map(({ mutant }) => mutant)
    .sort((one, other) => one.id - other.id);
}

/** Mulberry32. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
