/**
 * Which test files get a process in which no other has run. The others share one for each worker: to start
 * it and to load Lethe takes longer than most of their tests. The soak gives every file its own.
 */
import { globSync } from "node:fs";
import { helpersOf, saying } from "./test_files.ts";

const REGISTERS_HOOKS = saying(/^(?:before|after)(?:Each|All)\(/m);

/** Why a file needs that, and how it is known. */
const REASONS: readonly (readonly [why: string, isSo: (path: string) => boolean])[] = [
  ["it loads modules a second time, and others would get those", saying(/\bresetModules\(/)],
  [
    "it replaces what Lethe takes once, when it is loaded",
    saying(/\.prototype\.transfer = |^Date\.now = /m),
  ],
  ["it counts what lives in the whole process", saying(/\bassertNoSecrets\(/)],
  [
    "a helper registers hooks when it is loaded: only the first file would have them",
    (path) => helpersOf(path).some(REGISTERS_HOOKS),
  ],
];

/** Why a test file needs a process alone, or null. */
export function whyAlone(path: string): string | null {
  return REASONS.find(([, isSo]) => isSo(path))?.[0] ?? null;
}

/** The test files of these paths or patterns that need it. */
export function filesAlone(patterns: readonly string[]): string[] {
  return globSync([...patterns])
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => whyAlone(path) !== null);
}
