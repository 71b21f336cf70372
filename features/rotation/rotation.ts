import type { SecretRecord } from "../sources/mod.ts";
import { codeOf } from "./events.ts";
import type { RotationPhase } from "./phases.ts";
import { Reading } from "./reading.ts";
import { closedError } from "./rotation_errors.ts";
import { BLIND_POLL, Schedule, type ScheduleParts } from "./schedule.ts";
import { type Opened, Serving, type ServingParts } from "./serving.ts";
import { remaining } from "./term.ts";
import { Watching, type WatchSecret } from "./watching.ts";

/** What a rotation is made of. All times in milliseconds. */
export interface RotationParts extends ServingParts, ScheduleParts {
  /**
   * @param check throws when what is read now would not be used
   * @param holds whether the process stays alive for it
   */
  readonly read: (signal: AbortSignal, check: () => void, holds: boolean) => Promise<SecretRecord>;
  readonly watch: WatchSecret | null;
  readonly timeout: number;
}

interface Waiter {
  resolve(version: string): void;
  reject(reason: unknown): void;
}

/**
 * The life of a rotating secret, which the object that the program holds is apart from: timers hold this one.
 *
 * - REFRESH-1: at most one read at a time that was not given up; who asks for one gets one that began after the question
 * - REFRESH-2: a notice of a change that comes while a read runs is followed by another read
 * - REFRESH-3: what has expired by either clock is not lent, whether or not a timer came to say so
 * - REFRESH-4: a read that fails changes nothing for what serves
 */
export class Rotation {
  readonly #parts: RotationParts;
  readonly #serving: Serving;
  readonly #schedule: Schedule;
  readonly #watching: Watching;
  #starting = false;
  #reading: Reading | null = null;
  #waiters: Waiter[] = [];
  #stopTimer: (() => void) | null = null;

  constructor(parts: RotationParts) {
    this.#parts = parts;
    this.#serving = new Serving(parts);
    this.#schedule = new Schedule(parts);
    this.#watching = new Watching({
      watch: parts.watch,
      clock: parts.clock,
      timeout: parts.timeout,
      onChange: () => {
        this.#schedule.notice();
        this.look();
      },
      onEnd: (error) => {
        const pollEvery = parts.pollEvery ?? BLIND_POLL;
        parts.tell({ kind: "watch-ended", code: codeOf(error), pollEvery });
      },
    });
  }

  get phase(): RotationPhase {
    return this.#serving.phase;
  }

  /** The version that serves; null where none does. */
  get version(): string | null {
    return this.#serving.version;
  }

  /** The code of the last read, if that failed. */
  get lastCode(): string {
    return this.#schedule.lastCode;
  }

  /** Opens a scope over what serves now; null where nothing does. */
  open(): Opened | null {
    this.look();
    return this.#serving.open();
  }

  /** Resolves with the version that serves after a read that begins from here on. */
  refresh(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#reading?.hold(); // the next one begins when it ends
      this.look();
    });
  }

  close(): void {
    if (this.phase === "closed") return;
    this.#serving.close();
    this.#watching.close();
    this.#stopTimer?.();
    this.#reading?.end(closedError());
    rejectAll(this.#waiters.splice(0), closedError());
    this.#parts.tell({ kind: "closed" });
  }

  /** Looks at the clocks and does what has come due. */
  look(): void {
    if (this.phase === "closed") return;
    this.#serving.retireWhatIsOver();
    const now = this.#parts.clock.monotonic();
    if (this.#isWanted(now)) this.#start();
    this.#setTimer(now);
  }

  get #isBusy(): boolean {
    return this.#starting || this.#reading !== null;
  }

  #isWanted(now: number): boolean {
    if (this.#isBusy) return false;
    if (this.#waiters.length > 0) return true;
    return this.phase !== "purged" && now >= this.#nextRead(now);
  }

  #nextRead(now: number): number {
    return this.#schedule.nextRead(now, this.phase, this.#serving.term);
  }

  #setTimer(now: number): void {
    this.#stopTimer?.();
    this.#stopTimer = null;
    const read = this.#isBusy || this.phase === "purged" ? Infinity : this.#nextRead(now);
    const wait = Math.min(this.#serving.nextEnd(now), read) - now;
    if (wait === Infinity) return;
    // Looks again now and then, because a clock may have been set, or the machine have slept.
    const bounded = Math.max(1, Math.min(Math.ceil(wait), LONGEST_WAIT));
    this.#stopTimer = this.#parts.clock.later(() => this.look(), bounded, false);
  }

  /** Who asks in the same turn shares one read. */
  #start(): void {
    this.#starting = true;
    void Promise.resolve().then(() => this.#read());
  }

  async #read(): Promise<void> {
    this.#starting = false;
    if (this.phase === "closed") return;
    const waiters = this.#waiters.splice(0);
    this.#schedule.begin();
    const began = this.phase;
    const reading = this.#newReading(began, waiters.length > 0);
    this.#reading = reading;
    try {
      this.#serving.arrive(await reading.record, began);
      this.#schedule.succeed();
      for (const { resolve } of waiters) resolve(this.version ?? "");
    } catch (error) {
      this.#fail(error);
      rejectAll(waiters, error);
    } finally {
      this.#reading = null;
      this.#schedule.end(this.#watching.isBlind);
      this.look();
    }
  }

  #newReading(began: RotationPhase, holds: boolean): Reading {
    const { clock, read, timeout } = this.#parts;
    return new Reading(
      async (signal) => {
        await this.#watching.ensure(); // before the read: it sees what changed until then
        signal.throwIfAborted();
        this.#schedule.forgetNotice();
        return await read(signal, () => this.#serving.checkUseful(began), holds);
      },
      clock,
      timeout,
      holds,
    );
  }

  #fail(error: unknown): void {
    if (this.phase === "closed") return;
    const code = codeOf(error);
    const pause = this.#schedule.fail(code, remaining(this.#serving.term, this.#parts.clock));
    this.#parts.tell({
      kind: "refresh-failed",
      code,
      failures: this.#schedule.failures,
      retryIn: this.phase === "purged" ? null : Math.round(pause),
    });
  }
}

function rejectAll(waiters: readonly Waiter[], reason: unknown): void {
  for (const { reject } of waiters) reject(reason);
}

/** Milliseconds: one hour. Timers of more than 2^31 - 1 would ring at once. */
const LONGEST_WAIT = 3_600_000;
