import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** Command lines that run a TypeScript file. `node` is the Node.js that runs the tests. */
export const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  node: [process.execPath, "--expose-gc"],
  deno: [
    `${ROOT}node_modules/deno/deno`,
    "run",
    "--allow-all",
    "--no-check",
    `--config=${ROOT}deno.json`,
    "--v8-flags=--expose-gc",
  ],
  bun: [`${ROOT}node_modules/bun/bin/bun.exe`],
};

export function isInstalled(runtime: string): boolean {
  return existsSync(RUNTIMES[runtime]?.[0] ?? "");
}

/** A target of this folder that answers each line with a line. */
export interface Child {
  readonly pid: number;
  ask(line: string): Promise<string>;
  stop(): void;
}

/** Starts it, and waits until it says that it is ready. */
export async function startChild(
  program: string,
  runtime: string,
  ...parameters: readonly string[]
): Promise<Child> {
  const [file = "", ...flags] = RUNTIMES[runtime] ?? [];
  const path = fileURLToPath(new URL(program, import.meta.url));
  const child = spawn(file, [...flags, path, runtime, ...parameters], {
    stdio: ["pipe", "pipe", "inherit"],
    cwd: ROOT,
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => {
    const { done, value } = await lines.next();
    if (done === true) throw new Error(`The target on ${runtime} ended: ${child.exitCode}`);
    return value;
  };
  if ((await answer()) !== "ready") throw new Error("The target is not ready");
  return {
    pid: child.pid ?? 0,
    ask(line) {
      child.stdin.write(`${line}\n`);
      return answer();
    },
    stop() {
      child.kill("SIGKILL");
    },
  };
}
