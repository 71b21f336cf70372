import { monotonicNow } from "../../core/globals.ts";
import { process } from "../../system/node_builtins.ts";
import { after, type Later, soon } from "../../system/timers.ts";
import { isHandledByApplication } from "../process/shutdown/mod.ts";
import type { Terminal } from "./terminal.ts";

/** What a prompt does when its process stops and goes on. */
export interface Stoppable {
  /** It may go on: nobody may see what is typed from now on. */
  silence(): void;
  /** The process is about to stop: the terminal has to be as it was. */
  beforeStop(): void;
  /** It goes on, or did not stop. */
  resume(): void;
}

/**
 * Ctrl-Z, SIGTSTP and SIGCONT at a prompt, and starts in the background.
 *
 * A stop happens inside the call that asks for it, by the signal's own default action. A program that
 * waits for nothing else would end before a handler ran; and when the call returns the process goes on,
 * so that the terminal is silent again before the event loop turns. The kernel refuses where nobody could
 * continue the process (an orphaned process group): then the prompt goes on.
 */
export class JobControl {
  readonly #terminal: Terminal;
  readonly #prompt: Stoppable;
  #later: Later | undefined;
  #isOver = false;
  #unstopped = 0;
  #looked = monotonicNow();
  #parent = process.ppid;
  /** When this process was seen to have another parent than before. */
  #orphaned = Number.NEGATIVE_INFINITY;
  /** When this process last came back from a stop, or was kept from its work for as long. */
  #stalled = Number.NEGATIVE_INFINITY;

  constructor(terminal: Terminal, prompt: Stoppable) {
    this.#terminal = terminal;
    this.#prompt = prompt;
    this.#listen();
    process.on("SIGCONT", this.#wake);
  }

  end(): void {
    this.#isOver = true;
    this.#later?.stop();
    process.removeListener("SIGTSTP", this.#stopAlone);
    process.removeListener("SIGCONT", this.#wake);
  }

  /** The prompt looks at the terminal: often, unless the process stands still. */
  looked(): void {
    const now = monotonicNow();
    if (now - this.#looked > STALL_TIME) this.#stalled = now;
    this.#looked = now;
    this.#isOrphaned();
  }

  /** Stops the job, as Ctrl-Z does in any program. */
  stopJob(): void {
    this.#stop(JOB);
  }

  /**
   * For a prompt in the background: it stops as any program does there that reads, until the shell brings
   * it to the front. A little later, as a custodian is also woken when its application ends.
   *
   * @returns false when nothing stops it there
   */
  waitForForeground(): boolean {
    if (this.#unstopped === MOST_UNSTOPPED) return false;
    this.#resumeIn(WAKE_TIME, () => {
      if (this.#terminal.isForeground()) return;
      const began = monotonicNow();
      this.#send((terminal) => terminal.stop(JOB, "SIGTTIN"));
      this.#unstopped = monotonicNow() - began < STOPPED_TIME ? this.#unstopped + 1 : 0;
    });
    return true;
  }

  readonly #stopAlone = (): void => this.#stop(process.pid);

  /**
   * Also behind a SIGSTOP, which nobody sees come: a shell may have set the terminal meanwhile. With another
   * parent than before, it tells a custodian that its application has ended, which restored the terminal.
   */
  readonly #wake = (): void => {
    this.looked();
    if (this.#isOrphaned()) return;
    // A little later: the signal by which an application dismisses its custodian may have come with this one, and
    // the kernel may give the two to two threads, which tell of them in any order.
    if (monotonicNow() - this.#stalled < WAKE_TIME) {
      after(() => this.#prompt.silence(), BESIDE_TIME);
    }
    if (!this.#isOver) this.#resumeIn(WAKE_TIME);
  };

  /** The signal of a parent's end may come before the parent is another: when one of its threads ends. */
  #isOrphaned(): boolean {
    const now = monotonicNow();
    if (process.ppid !== this.#parent) this.#orphaned = now;
    this.#parent = process.ppid;
    return now - this.#orphaned < ORPHAN_TIME;
  }

  #stop(pid: number): void {
    this.#prompt.beforeStop();
    process.removeListener("SIGTSTP", this.#stopAlone);
    if (isHandledByApplication("SIGTSTP")) {
      // Its handler comes with the next turn, and may stop this process or not.
      if (pid === JOB) this.#send((terminal) => terminal.signal(JOB, "SIGTSTP"));
      if (!this.#isOver) this.#resumeIn(STOP_TIME);
      return;
    }
    this.#send((terminal) => terminal.stop(pid, "SIGTSTP"));
    soon(this.#listen); // Deno would call it once more for this very signal
    if (!this.#isOver) this.#prompt.resume();
  }

  readonly #listen = (): void => {
    process.removeListener("SIGTSTP", this.#stopAlone);
    if (this.#isOver || !this.#terminal.mayHearStops) return;
    process.on("SIGTSTP", this.#stopAlone);
  };

  #send(signal: (terminal: Terminal) => void): void {
    try {
      signal(this.#terminal);
    } catch {
      // Not permitted (Deno with neither --allow-ffi nor --allow-run): the prompt goes on.
    }
  }

  #resumeIn(milliseconds: number, before: () => void = () => undefined): void {
    this.#later?.stop();
    this.#later = after(() => {
      before();
      if (this.#isOver || this.#isOrphaned()) return;
      this.#listen();
      this.#prompt.resume();
    }, milliseconds);
  }
}

/** This process and all that were started with it. */
const JOB = 0;
/** In milliseconds. */
const WAKE_TIME = 50;
/** In milliseconds. Two signals that came together have both been heard by then; nobody types as fast as that. */
const BESIDE_TIME = 10;
/** In milliseconds. A custodian whose application has ended ends within that. */
const ORPHAN_TIME = 1000;
/** In milliseconds. Nobody stops a program and brings it back as fast as that. */
const STALL_TIME = 80;
/** In milliseconds. What has not stopped by then does not stop. */
const STOP_TIME = 200;
/** In milliseconds. Nobody brings a program back as fast as that. */
const STOPPED_TIME = 40;
/** As often is a signal tried that stops nothing: it may be ignored, or the process group orphaned. */
const MOST_UNSTOPPED = 3;
