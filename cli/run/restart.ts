import { after } from "../../system/timers.ts";
import { complain } from "../output.ts";
import type { Changes } from "./follow_changes.ts";
import { discard } from "./hand_over.ts";
import { type Job, listenFor, send } from "./job.ts";
import type { Restarting } from "./parameters.ts";
import { type Launched, launch, type Start } from "./start.ts";

/**
 * Starts a command, and again whenever its secrets changed: SIGTERM, SIGKILL after the grace, and the next one when
 * the last one has ended. It is over when the command ends by itself, or when a signal from outside asked it to.
 *
 * - RESTART-1: two of its commands never run at once
 * - RESTART-2: a command is ended only once the next one has its secrets ready; when that fails, it goes on
 * - RESTART-3: after a signal that ends, nothing is started again
 *
 * @param next makes the next command, with the secrets as they are; it throws when they cannot be handed over
 * @returns the exit status of the last one
 */
export async function keepStarting(
  changes: Pick<Changes, "onChange">,
  restarting: Restarting,
  next: () => Start,
): Promise<number> {
  const job = listenFor();
  const ending = new Ending();
  const starter = new Starter(next);
  changes.onChange(() => starter.prepare());
  try {
    for (let pause = 0; ; ) {
      const begun = performance.now();
      const { status, stopped } = await starter.runOnce(job, restarting.grace, pause);
      if (stopped === null || ending.hasCome(stopped - restarting.grace)) return status;
      const lasted = performance.now() - begun;
      pause = lasted > LONGEST_PAUSE ? 0 : Math.min(LONGEST_PAUSE, 2 * pause || FIRST_PAUSE);
    }
  } finally {
    starter.close();
    ending.close();
    job.end();
  }
}

/** Runs one command after the other. */
class Starter {
  readonly #next: () => Start;
  /** What is started when the command that runs has ended. */
  #prepared: Start | null;
  #stop: (() => void) | null = null;

  constructor(next: () => Start) {
    this.#next = next;
    this.#prepared = next();
  }

  /** The secrets changed: ends the command that runs, if another one can follow. */
  prepare(): void {
    try {
      const fresh = this.#next();
      this.close();
      this.#prepared = fresh;
    } catch (error) {
      const reason = error instanceof Error ? error.message : "it was refused";
      complain(`lethe run: the command goes on with what it has: ${reason}\n`);
      return;
    }
    this.#stop?.();
  }

  /**
   * @param pause milliseconds for which it is not ended: several changes do not make a storm of starts
   * @returns its exit status, and when it was ended from here; null: it ended by itself
   */
  async runOnce(
    job: Job,
    grace: number,
    pause: number,
  ): Promise<{ readonly status: number; readonly stopped: number | null }> {
    const running = launch(this.#prepared as Start, job);
    this.#prepared = null;
    const stopping = new Stopping(running, grace);
    const wait = after(() => {
      this.#stop = () => stopping.begin();
      if (this.#prepared !== null) stopping.begin();
    }, pause);
    try {
      return { status: await running.ended, stopped: stopping.begun };
    } finally {
      this.#stop = null;
      wait.stop();
      stopping.end();
    }
  }

  /** Gives up what was prepared. */
  close(): void {
    if (this.#prepared !== null) discard(this.#prepared.parcels);
    this.#prepared = null;
  }
}

/** Ends a command once, when it is asked to. */
class Stopping {
  /** When, by the monotonic clock; null: not yet. */
  begun: number | null = null;
  readonly #running: Launched;
  readonly #grace: number;
  #kill: { stop(): void } | null = null;

  constructor(running: Launched, grace: number) {
    this.#running = running;
    this.#grace = grace;
  }

  begin(): void {
    if (this.begun !== null) return;
    const { child } = this.#running;
    if (child === null) return; // it was refused
    this.begun = performance.now();
    send(child, "SIGTERM");
    send(child, "SIGCONT"); // a stopped one would not see it
    this.#kill = after(() => send(child, "SIGKILL"), this.#grace);
  }

  end(): void {
    this.#kill?.stop();
  }
}

/**
 * Whether somebody wants this process to end. SIGTERM always says so; a program may take the others for something
 * else, as SIGHUP for reading its configuration, so that they count for a while.
 */
class Ending {
  #last = -Infinity;
  readonly #note = (signal: NodeJS.Signals): void => {
    this.#last = signal === "SIGTERM" ? Infinity : Math.max(this.#last, performance.now());
  };

  constructor() {
    for (const signal of ENDING) process.on(signal, this.#note);
  }

  /** @param since milliseconds by the monotonic clock */
  hasCome(since: number): boolean {
    return this.#last >= since;
  }

  close(): void {
    for (const signal of ENDING) process.removeListener(signal, this.#note);
  }
}

const ENDING = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"] as const;
/** Milliseconds between the starts of two commands, when changes come one after the other. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 60_000;
