import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import process from "node:process";
import { ROOT, RUNTIMES } from "../../prompt/pty.ts";

const PROGRAM = `${ROOT}testing/features/process/shutdown/leave.ts`;

/** Whether there is a debugger that stops a process right before its last system call. */
export const HAS_GDB: boolean = spawnSync("gdb", ["--version"]).status === 0;

/** How a program ended, and what it said. */
export interface Result {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that is ready to leave. */
export class Leaver {
  stdout = "";
  stderr = "";
  readonly #child: ChildProcess;
  readonly #result: Promise<Result>;

  constructor(
    runtime: string,
    way: string,
    mode: string,
    memory: string,
    around: readonly string[] = [],
  ) {
    const { NODE_OPTIONS: _, ...env } = process.env;
    // Some signals would leave a core file.
    const command = [
      ...["prlimit", "--core=0", "--", ...around],
      ...[...(RUNTIMES[runtime] ?? []), PROGRAM],
    ];
    const [file = "", ...parameters] = [...command, way, mode, memory];
    this.#child = spawn(file, parameters, { env: { ...env, NO_COLOR: "1" }, cwd: ROOT });
    this.#child.stdout?.on("data", (text) => {
      this.stdout += text;
    });
    this.#child.stderr?.on("data", (text) => {
      this.stderr += text;
    });
    this.#result = new Promise((resolve) => {
      this.#child.on("close", (code, signal) =>
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr }),
      );
    });
  }

  async pid(): Promise<number> {
    await until(() => this.stdout.includes("ready ") || this.stderr !== "");
    return Number(/ready (\d+)/.exec(this.stdout)?.[1]);
  }

  /** Tells it to go its way. */
  go(): void {
    this.#child.stdin?.end("go\n");
  }

  async said(text: string): Promise<void> {
    await until(() => this.stdout.includes(text));
  }

  end(): Promise<Result> {
    return this.#result;
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}

/**
 * Stops process `pid` where it enters exit_group(2) or kill(2), the call by which it ends itself,
 * has `provoke` bring it there and `look` look into it, and lets it go on.
 */
export async function atLastMoment(
  pid: number,
  provoke: () => void,
  look: () => void,
): Promise<void> {
  const gdb = spawn("gdb", ["-nx", "-q", "--readnever", "-p", String(pid)]);
  let said = "";
  for (const stream of [gdb.stdout, gdb.stderr]) {
    stream.on("data", (text) => {
      said += text;
    });
  }
  const ended = new Promise((resolve) => gdb.on("close", resolve));
  gdb.stdin.write(
    `set pagination off\nset confirm off\nhandle all nostop noprint pass\nhandle SIGINT nostop noprint pass\ncatch syscall exit_group\ncatch syscall kill\ncontinue\n`,
  );
  try {
    await until(() => said.includes("Continuing."));
    provoke();
    await until(() => / hit Catchpoint /.test(said));
    look();
  } finally {
    gdb.stdin.end("delete\ndetach\nquit\n");
    await ended;
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error("Cannot wait any longer");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
