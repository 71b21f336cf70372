import type { ChildProcess } from "node:child_process";
import type { SignalLike } from "../../core/arguments/foreign.ts";
import { errorCode } from "../../core/arguments/own.ts";
import { process } from "../../system/node_builtins.ts";
import { orAborted } from "../../system/or_aborted.ts";
import { after, afterIdly, type Later } from "../../system/timers.ts";
import { killGroup, mayKill } from "./kill_group.ts";

/** A program that was started in a process group of its own, and the pipes that this process keeps of it. */
export class ProgramRun {
  readonly #child: ChildProcess;
  readonly #pipes: readonly { close(): void }[];
  readonly #ended: Promise<string | null>;
  #isOver = false;
  /** Whether its group was empty after it ended: its number may be another's from then on. */
  #isGroupGone = false;
  #isEnded = false;
  #look: Later | undefined;
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
        if (!this.#isEnded && mayKill()) this.#watchGroup(child.pid as number);
        if (status === 0) resolve(null);
        else
          resolve(status === null ? `signal ${signal} ended it` : `it ended with status ${status}`);
      });
    });
  }

  /** What it left behind may leave its group at any time: `setsid sleep 9 &` does so after the shell has ended. */
  #watchGroup(pid: number): void {
    this.#isGroupGone = !isThere(-pid);
    if (!this.#isGroupGone) this.#look = afterIdly(() => this.#watchGroup(pid), GROUP_INTERVAL);
  }

  /** Lets this process end although the program runs. */
  letGo(): void {
    this.#child.unref(); // its pipes hold nothing: no stream reads or writes them
  }

  noteOutputEnd(): void {
    this.#hasOutputEnded = true;
  }

  /**
   * How it ended: null for status 0, else what is wrong with it; `"late"` when it runs on after so many milliseconds.
   *
   * @throws the signal's reason, as soon as it is aborted
   */
  async endedWithin(
    milliseconds: number,
    { signal, holds = true }: { signal?: SignalLike | undefined; holds?: boolean | undefined } = {},
  ): Promise<string | null> {
    let timer: Later | undefined;
    const isLate = new Promise<string>((resolve) => {
      timer = (holds ? after : afterIdly)(() => resolve("late"), milliseconds);
    });
    try {
      const end = Promise.race([this.#ended, isLate]);
      return await (signal === undefined ? end : orAborted(end, signal));
    } finally {
      timer?.stop();
    }
  }

  /**
   * Closes its pipes, and ends it with what it started in its group. As long as one process of a group is there, the kernel
   * gives its number to no other; one that was seen empty is never ended. After this call nothing looks at the group: where process 1
   * reaps no orphans, the dead stay in it.
   */
  end(): void {
    this.#isEnded = true;
    for (const pipe of this.#pipes) pipe.close();
    this.#look?.stop();
    const { pid } = this.#child;
    if (pid === undefined || this.#isGroupGone || (this.#isOver && this.#hasOutputEnded)) return;
    if (!killGroup(this.#child) && !this.#isOver) this.#child.kill("SIGKILL");
  }
}

/** In milliseconds. A number is given again when all others were, or by who may choose it. */
const GROUP_INTERVAL = 5;

/** Whether the process, or the group of a negative number, is there: signal 0 is sent to nobody (kill(2)). */
function isThere(number: number): boolean {
  try {
    process.kill(number, 0);
    return true;
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}
