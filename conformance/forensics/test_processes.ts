import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A runtime that targets run in. */
export interface Runtime {
  readonly name: string;
  readonly engine: "v8" | "jsc";
  readonly command: readonly string[];
  /** Why it cannot be used here, or null. */
  readonly missing: string | null;
}

export const RUNTIMES: readonly Runtime[] = [
  runtime("node-22", "v8", "node_modules/node-22/bin/node"),
  runtime("node-24", "v8", "node_modules/node-24/bin/node"),
  runtime("node-26", "v8", "node_modules/node-26/bin/node"),
  runtime("deno", "v8", "node_modules/.bin/deno", "run", "--allow-all"),
  runtime("bun", "jsc", "node_modules/.bin/bun"),
];

/** A process that has said that it is ready. */
export interface Target {
  readonly pid: number;
  /** What stood behind `ready PID`. */
  readonly said: string;
  stop(): Promise<void>;
}

/** Starts `command` and waits until it writes `ready PID ...`. */
export async function startTarget(
  command: readonly string[],
  options: SpawnOptions = {},
): Promise<Target> {
  const [program = "", ...parameters] = command;
  const child = spawn(program, parameters, {
    stdio: ["pipe", "pipe", "pipe"],
    cwd: ROOT,
    ...options,
  });
  const line = await firstLine(child);
  const [, pid = "", said = ""] = /^ready (\d+) ?(.*)$/.exec(line) ?? [];
  return {
    pid: Number(pid),
    said,
    async stop() {
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.stdin?.end();
      child.kill("SIGCONT");
      const timer = setTimeout(() => child.kill("SIGKILL"), 1000);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** The path of a file of this folder. */
export function beside(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    let complaints = "";
    child.stderr?.on("data", (part: Buffer) => {
      complaints += part.toString();
    });
    child.stdout?.on("data", (part: Buffer) => {
      text += part.toString();
      const end = text.indexOf("\n");
      if (end >= 0) resolve(text.slice(0, end));
    });
    child.on("error", reject);
    child.on("close", (code, signal) =>
      reject(new Error(`Target ended (${code ?? signal}): ${complaints}`)),
    );
  });
}

function runtime(
  name: string,
  engine: "v8" | "jsc",
  program: string,
  ...parameters: string[]
): Runtime {
  const missing = existsSync(`${ROOT}${program}`) ? null : `${program} is not installed`;
  return { name, engine, command: [`${ROOT}${program}`, ...parameters], missing };
}
