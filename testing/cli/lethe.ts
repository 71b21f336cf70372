import { type SpawnSyncOptions, spawnSync } from "node:child_process";
import process from "node:process";
import { atHand } from "../built.ts";
import { INSTALLED, RUNTIMES, SOAK } from "../features/prompt/pty.ts";

const MAIN = atHand("cli/main.ts");

/** Those that the tests of the command line take: one of them every day, all in the soak. */
export const CLI_RUNTIMES: readonly string[] = INSTALLED.filter(
  (name) => SOAK || name === "node-24",
);

/** The command line that starts `lethe` on a runtime. */
export function lethe(runtime: string, ...parameters: readonly string[]): readonly string[] {
  return [...(RUNTIMES[runtime] ?? []), MAIN, ...parameters];
}

/** The environment of a user: nothing that the test runner set for its own processes. */
export function plainEnvironment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, FORCE_COLOR: __, ...inherited } = process.env;
  return { ...inherited, NODE_NO_WARNINGS: "1", NO_COLOR: "1", ...more };
}

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. */
export function outcomeOf(
  [file = "", ...parameters]: readonly string[],
  options: SpawnSyncOptions = {},
): Outcome {
  const { status, stdout, stderr } = spawnSync(file, parameters, {
    env: plainEnvironment(),
    timeout: 60_000,
    ...options,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}
