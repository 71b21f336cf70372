import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const ROOT: string = fileURLToPath(new URL("../../../", import.meta.url));

/** Command lines that run a TypeScript file. `node` is the Node.js that runs the tests. */
export const RUNTIMES: Readonly<Record<"node" | "deno" | "bun", readonly string[]>> = {
  node: [process.execPath],
  deno: [`${ROOT}node_modules/deno/deno`, "run", "-A", "--no-check"],
  bun: [`${ROOT}node_modules/bun/bin/bun.exe`],
};

export interface Result {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  readonly uid?: number;
  readonly cwd?: string;
}

/** Path of a program in this folder. */
export function program(name: string, root: string = ROOT): string {
  return `${root}testing/memories/sodium/${name}.ts`;
}

/** Runs a command to its end. */
export async function run(command: readonly string[], around?: Surroundings): Promise<Result> {
  return await finished(start(command, around));
}

export function start(command: readonly string[], around: Surroundings = {}): ChildProcess {
  // Crashing is what some are asked for: no core file for it.
  const [file, ...args] = ["prlimit", "--core=0", "--", ...command];
  const { uid, cwd = ROOT } = around;
  const { NODE_OPTIONS: _, ...env } = process.env;
  return spawn(file as string, args, {
    cwd,
    env: { ...env, NO_COLOR: "1", NO_PROXY: "127.0.0.1" },
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
}

export async function finished(child: ChildProcess): Promise<Result> {
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (text) => {
    stdout += text;
  });
  child.stderr?.on("data", (text) => {
    stderr += text;
  });
  return await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
