import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import {
  expectNoResidue,
  type Needle,
  type ScanReport,
  scanProcess,
} from "../../../conformance/mod.ts";
import { ROOT } from "../prompt/pty.ts";

/** What application.ts keeps in both processes as a name, so that a scan has something to find. */
export const WITNESS: Needle = {
  label: "witness",
  bytes: new TextEncoder().encode("the witness, in both processes: 4711"),
};

/** A folder in which files open the gates of an application. */
export class Gates {
  readonly folder: string = mkdtempSync(join(tmpdir(), "lethe-gates-"));

  open(step: string): void {
    writeFileSync(join(this.folder, step), "");
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

export function commandFor(
  runtime: readonly string[],
  scenario: string,
  gates: Gates,
  memory: string,
  ...rest: readonly string[]
): readonly string[] {
  const program = `${ROOT}testing/features/custodian/application.ts`;
  return [...runtime, program, scenario, gates.folder, memory, ...rest];
}

/** An application without a terminal. */
export class Application {
  /** What it has written, both streams. */
  text = "";
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  readonly child: ChildProcess;
  #isOver = false;

  /** @param input what its descriptor 9 brings, through a pipe */
  constructor(command: readonly string[], input: Uint8Array = new Uint8Array(0)) {
    const { NODE_OPTIONS: _, ...env } = process.env;
    const [file = "", ...parameters] = command;
    const pipe = openPipe(input);
    const unused = Array.from({ length: 6 }, () => "ignore" as const);
    // A session of its own: without a controlling terminal.
    this.child = spawn(file, parameters, {
      stdio: ["pipe", "pipe", "pipe", ...unused, pipe],
      env: { ...env, NO_COLOR: "1" },
      detached: true,
    });
    closeSync(pipe);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.text += chunk.toString();
      });
    }
    this.child.stdin?.on("error", () => undefined);
    this.ended = new Promise((resolve) => {
      this.child.once("close", (code, signal) => {
        this.#isOver = true;
        resolve({ code, signal });
      });
    });
  }

  /** Waits until the text matches. */
  async saw(pattern: RegExp, patience: number = 30_000): Promise<RegExpExecArray> {
    for (const deadline = Date.now() + patience; Date.now() < deadline; ) {
      const match = pattern.exec(this.text);
      if (match !== null) return match;
      if (this.#isOver) break;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`Never saw ${pattern} in ${this.text}`);
  }

  /** Ends it with all that it started. */
  async close(): Promise<void> {
    const { pid } = this.child;
    try {
      if (pid !== undefined) process.kill(-pid, "SIGKILL");
    } catch {
      // All of them have ended.
    }
    await this.ended;
  }
}

/** No copy of any needle in the process, seen by the same scan that sees the witness. */
export function expectClean(pid: number, needle: readonly Needle[]): void {
  expectNoResidue({ pid, needle, witness: WITNESS });
}

export function scanned(pid: number, needles: readonly Needle[]): ScanReport {
  const report = scanProcess(pid, needles);
  if (report.outcome !== "scanned") throw new Error(report.reason);
  return report;
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A pipe with both ends on one descriptor, so that it never comes to its end. */
function openPipe(bytes: Uint8Array): number {
  const folder = mkdtempSync(join(tmpdir(), "lethe-pipe-"));
  const path = join(folder, "pipe");
  execFileSync("mkfifo", [path]);
  const descriptor = openSync(path, constants.O_RDWR);
  rmSync(folder, { recursive: true });
  if (bytes.length > 0) writeSync(descriptor, bytes);
  return descriptor;
}
