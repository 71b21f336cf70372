import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { NotRun } from "../check.ts";
import { tracerProgram } from "./compile.ts";

/** Exit status of a tracer that cannot do what it is asked for on this machine. */
const CANNOT = 77;

/** What one run of `tracer.c` says, line by line. */
export class TracerRun {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<number | null>;
  #complaints = "";

  constructor(words: readonly string[]) {
    this.#child = spawn(tracerProgram(), words, { stdio: ["pipe", "pipe", "pipe"] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#child.stderr.on("data", (chunk: Uint8Array) => {
      this.#complaints += new TextDecoder().decode(chunk);
    });
    this.#child.stdin.on("error", () => undefined);
    this.#ended = new Promise((resolve) => {
      this.#child.on("close", (code) => resolve(code));
      this.#child.on("error", () => resolve(CANNOT));
    });
  }

  /** @throws {NotRun} when it ended instead, with the reason */
  async line(): Promise<string> {
    const { done, value } = await this.#lines.next();
    if (done !== true) return value;
    await this.close();
    throw new NotRun("the tracer said nothing");
  }

  /** Lets it go on to its end. @throws {NotRun} when it could not do what it was asked for */
  async close(): Promise<void> {
    this.#child.stdin.end();
    const code = await this.#ended;
    if (code === 0) return;
    throw new NotRun(`the tracer could not go on: ${this.#complaints.trim() || `status ${code}`}`);
  }
}

/** Runs the tracer to its end. @returns what it said */
export async function trace(...words: readonly string[]): Promise<readonly string[]> {
  const run = new TracerRun(words);
  const lines: string[] = [];
  for (;;) {
    try {
      lines.push(await run.line());
    } catch (error) {
      if (lines.length === 0) throw error;
      await run.close();
      return lines;
    }
  }
}
