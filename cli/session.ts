import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseJson } from "../core/arguments/own.ts";
import { ENDING_SIGNALS } from "../system/signals.ts";
import { probeEnvironment } from "./probe_environment.ts";
import type { InstalledRuntime } from "./runtimes.ts";

/** How long a runtime may take for one step, in milliseconds, unless the probe asks for more. */
const PATIENCE = 20_000;

/** A line of the probe. */
export type Message = { readonly step?: string } & Readonly<Record<string, unknown>>;

/** A program to start in a runtime, and what it is given. */
export interface Probe {
  /** Its path from this file, without the suffix: TypeScript in the source tree, JavaScript built. */
  readonly program: string;
  readonly parameters: readonly string[];
  /** For the runtime, before the program. */
  readonly flags?: readonly string[];
  /** Milliseconds for one step. */
  readonly patience?: number;
}

/** Starts a probe, hands it to `use`, and ends it whatever happens. */
export async function withProbe<T>(
  runtime: InstalledRuntime,
  probe: Probe,
  use: (session: ProbeSession) => Promise<T>,
): Promise<T> {
  const session = new ProbeSession(runtime, probe);
  try {
    return await use(session);
  } finally {
    await session.kill();
  }
}

/** How a runtime begins the error with which it ends a program. It prints more behind that, and Node.js its version last. */
const UNCAUGHT = /^(?:error: )?(?:Uncaught (?:\(in promise\) )?)?\w*Error\b[^:]*: /;

/** A probe that runs in another runtime, one step at a time. */
export class ProbeSession {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<NodeJS.Signals | number | null>;
  readonly #patience: number;
  #complaints = "";

  constructor(runtime: InstalledRuntime, probe: Probe) {
    const { program, parameters, flags = [], patience = PATIENCE } = probe;
    this.#patience = patience;
    this.#child = spawn(
      runtime.executable,
      [...flagsFor(runtime), ...flags, pathOf(program), ...parameters],
      // In a session of its own it has no terminal; its group is what kill() ends.
      {
        stdio: ["pipe", "pipe", "pipe"],
        env: probeEnvironment(runtime.executable),
        detached: true,
      },
    );
    for (const signal of ENDING_SIGNALS) process.on(signal, this.#endWithUs);
    const { stdin, stdout, stderr } = this.#child;
    stdin?.on("error", () => undefined); // it ended with something unread
    if (stdout === null || stderr === null) throw new Error("Cannot start probe without pipes");
    stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#complaints += text;
    });
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
    this.#ended = new Promise((resolve) => {
      this.#child.on("error", () => resolve(null));
      this.#child.on("close", (code, signal) => resolve(signal ?? code));
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What the probe printed on standard error. */
  get complaints(): string {
    return this.#complaints.trim();
  }

  /** Why it ended, as far as it said: the error that nobody caught, else its last words; or nothing. */
  get reason(): string {
    const lines = this.complaints.split("\n").map((line) => line.trim());
    const first = lines.findIndex((line) => UNCAUGHT.test(line));
    if (first === -1) return lines.slice(-3).join(" ");
    const length = lines.slice(first).findIndex((line) => line === "" || line.startsWith("at "));
    return lines.slice(first, length === -1 ? undefined : first + length).join(" ");
  }

  /** The next line, or `null` when the probe has ended. */
  async next(): Promise<Message | null> {
    const timer = setTimeout(() => {
      this.#complaints += `it did not answer within ${this.#patience / 1000} s\n`;
      this.#killGroup();
    }, this.#patience);
    try {
      const line = await this.#lines.next();
      if (line.done) return null;
      return this.#read(line.value);
    } finally {
      clearTimeout(timer);
    }
  }

  /** What is not a message is a complaint: the program may be no runtime at all. */
  #read(line: string): Message | null {
    try {
      return parseJson(line) as Message;
    } catch {
      this.#complaints += `it said ${JSON.stringify(line.slice(0, 80))}\n`;
      return null;
    }
  }

  /** Writes to its standard input, and wipes the bytes. */
  type(bytes: Uint8Array): void {
    this.#child.stdin?.write(bytes, () => bytes.fill(0));
  }

  /** Lets the probe go on, and gives its next line. */
  async step(): Promise<Message | null> {
    this.#child.stdin?.write("\n");
    return await this.next();
  }

  /** How it ended: a signal, an exit code, or `null` if it never started. */
  async end(): Promise<NodeJS.Signals | number | null> {
    this.#child.stdin?.end();
    return await this.#ended;
  }

  async kill(): Promise<void> {
    this.#killGroup();
    for (const signal of ENDING_SIGNALS) process.removeListener(signal, this.#endWithUs);
    await this.#ended;
  }

  #killGroup(): void {
    try {
      if (this.pid > 0) process.kill(-this.pid, "SIGKILL");
    } catch {
      this.#child.kill("SIGKILL"); // Windows has no groups, and an ended one is not an error
    }
  }

  /** It is out of the terminal's reach: what ends this process ends it first. */
  readonly #endWithUs = (signal: NodeJS.Signals): void => {
    this.#killGroup();
    process.removeListener(signal, this.#endWithUs);
    process.kill(process.pid, signal);
  };
}

function pathOf(program: string): string {
  const suffix = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  return fileURLToPath(new URL(`${program}${suffix}`, import.meta.url));
}

/** Deno shows a process its own tables in /proc only under all permissions. */
function flagsFor({ kind }: InstalledRuntime): readonly string[] {
  if (kind === "deno") return ["run", "--quiet", "--allow-all"];
  return [];
}
