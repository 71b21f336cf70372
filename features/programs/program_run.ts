import type { ChildProcess } from "node:child_process";
import { errorCode } from "../../core/arguments/own.ts";
import { process } from "../../system/node_builtins.ts";
import { after, type Later } from "../../system/timers.ts";

/** A program that was started in a process group of its own, and the pipes that this process keeps of it. */
export class ProgramRun {
  readonly #child: ChildProcess;
  readonly #pipes: readonly { close(): void }[];
  readonly #ended: Promise<string | null>;
  #isOver = false;
  #hasOutputEnded = false;

  constructor(child: ChildProcess, pipes: readonly { close(): void }[]) {
    this.#child = child;
    this.#pipes = pipes;
    this.#ended = new Promise((resolve) => {
      child.once("error", (error) => {
        this.#isOver = true;
        resolve(`it did not start (${errorCode(error) ?? "refused"})`);
      });
      child.once("exit", (status, signal) => {
        this.#isOver = true;
        if (status === 0) resolve(null);
        else
          resolve(status === null ? `signal ${signal} ended it` : `it ended with status ${status}`);
      });
    });
  }

  noteOutputEnd(): void {
    this.#hasOutputEnded = true;
  }

  /** How it ended: null for status 0, else what is wrong with it; `"late"` when it runs on after so many milliseconds. */
  async endedWithin(milliseconds: number): Promise<string | null> {
    let timer: Later | undefined;
    const isLate = new Promise<string>((resolve) => {
      timer = after(() => resolve("late"), milliseconds);
    });
    try {
      return await Promise.race([this.#ended, isLate]);
    } finally {
      timer?.stop();
    }
  }

  /** Closes its pipes, and ends it with what it started. */
  end(): void {
    for (const pipe of this.#pipes) pipe.close();
    const { pid } = this.#child;
    // A number whose group is gone may be another's by now.
    if (pid === undefined || (this.#isOver && this.#hasOutputEnded)) return;
    try {
      process.kill(-pid, "SIGKILL"); // also what it started and left behind
    } catch {
      if (!this.#isOver) this.#child.kill("SIGKILL");
    }
  }
}
