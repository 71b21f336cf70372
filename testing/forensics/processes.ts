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
  /** The next line that it writes. */
  line(): Promise<string>;
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
  const lines = new Lines(child);
  const [, pid = "", said = ""] = /^ready (\d+) ?(.*)$/.exec(await lines.next()) ?? [];
  return {
    pid: Number(pid),
    said,
    line: () => lines.next(),
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

/** What a child writes, line by line, and its end as an error. */
class Lines {
  readonly #child: ChildProcess;
  #text = "";
  #complaints = "";
  #heard: () => void = () => undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.on("data", (part: Buffer) => {
      this.#complaints += part.toString();
    });
    child.stdout?.on("data", (part: Buffer) => {
      this.#text += part.toString();
      this.#heard();
    });
  }

  next(): Promise<string> {
    return new Promise((resolve, reject) => {
      const take = (): void => {
        const end = this.#text.indexOf("\n");
        if (end < 0) return;
        resolve(this.#text.slice(0, end));
        this.#text = this.#text.slice(end + 1);
        this.#heard = () => undefined;
      };
      this.#heard = take;
      this.#child.once("error", reject);
      this.#child.once("close", (code, signal) =>
        reject(new Error(`Target ended (${code ?? signal}): ${this.#complaints}`)),
      );
      take();
    });
  }
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
