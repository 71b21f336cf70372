import { LetheError } from "../../core/mod.ts";
import type { SecretRecord } from "../sources/mod.ts";
import type { Clock } from "./clock.ts";
import { codeOf, type RotationEvent } from "./events.ts";
import { KeptRecord } from "./kept_record.ts";
import { nextPhase, type RotationInput, type RotationPhase, type RotationStep } from "./phases.ts";
import { Reading } from "./reading.ts";
import { LEAST_INTERVAL, pauseAfter, remaining, type Timing, termOf, untilDue } from "./term.ts";
import { Watching, type WatchSecret } from "./watching.ts";

/** What a rotation is made of. All times in milliseconds. */
export interface RotationParts extends Timing {
  /** @param check throws when what is read now would not be used */
  readonly read: (signal: AbortSignal, check: () => void) => Promise<SecretRecord>;
  readonly watch: WatchSecret | null;
  readonly overlap: number;
  readonly pollEvery: number | null;
  readonly timeout: number;
  readonly tell: (event: RotationEvent) => void;
  readonly clock: Clock;
}

interface Waiter {
  resolve(version: string): void;
  reject(reason: unknown): void;
}

/** The records that a scope is given, and what ends it. */
export interface Opened {
  readonly current: KeptRecord;
  readonly previous: KeptRecord | null;
  readonly end: () => void;
}

/**
 * The life of a rotating secret, which the object that the program holds is apart from: timers hold this one.
 *
 * - REFRESH-1: at most one read at a time; who asks for one gets one that began after the question
 * - REFRESH-2: a notice of a change that comes while a read runs is followed by another read
 * - REFRESH-3: what has expired by either clock is not lent, whether or not a timer came to say so
 * - REFRESH-4: a read that fails changes nothing for what serves
 */
export class Rotation {
  readonly #parts: RotationParts;
  readonly #watching: Watching;
  #phase: RotationPhase = "expired"; // nothing serves yet
  #current: KeptRecord | null = null;
  #previous: KeptRecord | null = null;
  /** By the monotonic clock. */
  #overlapEnds = Infinity;
  #nextPoll = Infinity;
  #notBefore = -Infinity;
  #lastBegun = -Infinity;
  #failures = 0;
  #lastCode = "";
  #noticed = false;
  #starting = false;
  #reading: Reading | null = null;
  #waiters: Waiter[] = [];
  #stopTimer: (() => void) | null = null;

  constructor(parts: RotationParts) {
    this.#parts = parts;
    this.#watching = new Watching(
      parts.watch,
      () => {
        this.#noticed = true;
        this.look();
      },
      (error) => {
        const pollEvery = parts.pollEvery ?? BLIND_POLL;
        parts.tell({ kind: "watch-ended", code: codeOf(error), pollEvery });
      },
    );
  }

  get phase(): RotationPhase {
    return this.#phase;
  }

  get current(): KeptRecord | null {
    return this.#current;
  }

  get previous(): KeptRecord | null {
    return this.#previous;
  }

  /** The code of the last read, if that failed. */
  get lastCode(): string {
    return this.#lastCode;
  }

  /** Opens a scope over what serves now; null where nothing does. */
  open(): Opened | null {
    this.look();
    const [current, previous] = [this.#current, this.#previous];
    if (current === null) return null;
    const [first, second] = [current.hold(), previous?.hold()];
    const end = (): void => {
      first();
      second?.();
    };
    return { current, previous, end };
  }

  /** Resolves with the version that serves after a read that begins from here on. */
  refresh(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.look();
    });
  }

  close(): void {
    if (this.#phase === "closed") return;
    this.#take("close");
    this.#watching.close();
    this.#stopTimer?.();
    this.#reading?.end(closedError());
    this.#rejectAll(this.#waiters.splice(0), closedError());
    this.#parts.tell({ kind: "closed" });
  }

  /** Looks at the clocks and does what has come due. */
  look(): void {
    if (this.#phase === "closed") return;
    const { clock } = this.#parts;
    this.#retireWhatIsOver(clock.monotonic());
    if (this.#isWanted(clock.monotonic())) this.#start();
    this.#setTimer(clock.monotonic());
  }

  #retireWhatIsOver(now: number): void {
    const { clock, tell } = this.#parts;
    const [current, previous] = [this.#current, this.#previous];
    if (current?.isBroken === true) {
      this.#take("purge");
      tell({ kind: "purged", version: current.version });
    } else if (current !== null && remaining(current.term, clock) <= 0) {
      this.#take("expires");
      tell({ kind: "expired", version: current.version });
    } else if (
      previous !== null &&
      (now >= this.#overlapEnds || previous.isBroken || remaining(previous.term, clock) <= 0)
    ) {
      this.#take("overlap-ends");
    }
  }

  #isWanted(now: number): boolean {
    if (this.#starting || this.#reading !== null) return false;
    if (this.#waiters.length > 0) return true;
    return this.#phase !== "purged" && now >= this.#nextRead(now);
  }

  /** When, by the monotonic clock, a read is to begin that nobody asked for. */
  #nextRead(now: number): number {
    const spaced = this.#lastBegun + LEAST_INTERVAL;
    if (this.#noticed) return spaced;
    const due = this.#phase === "expired" ? now : now + untilDue(this.#term, this.#parts.clock);
    return Math.max(spaced, this.#notBefore, Math.min(due, this.#nextPoll));
  }

  get #term(): KeptRecord["term"] {
    return this.#current?.term ?? null;
  }

  #setTimer(now: number): void {
    this.#stopTimer?.();
    this.#stopTimer = null;
    const { clock } = this.#parts;
    const isBusy = this.#starting || this.#reading !== null;
    const moments = [
      now + remaining(this.#term, clock),
      this.#previous === null ? Infinity : this.#overlapEnds,
      now + remaining(this.#previous?.term ?? null, clock),
      isBusy || this.#phase === "purged" ? Infinity : this.#nextRead(now),
    ];
    const wait = Math.min(...moments) - now;
    if (wait === Infinity) return;
    // Looks again now and then, because a clock may have been set, or the machine have slept.
    const bounded = Math.max(1, Math.min(Math.ceil(wait), LONGEST_WAIT));
    this.#stopTimer = clock.later(() => this.look(), bounded, false);
  }

  /** Who asks in the same turn shares one read. */
  #start(): void {
    this.#starting = true;
    void Promise.resolve().then(() => this.#read());
  }

  async #read(): Promise<void> {
    this.#starting = false;
    if (this.#phase === "closed") return;
    const { clock, read, timeout } = this.#parts;
    const waiters = this.#waiters.splice(0);
    this.#lastBegun = clock.monotonic();
    const began = this.#phase;
    const check = (): void => this.#checkUseful(began);
    const reading = new Reading(
      async (signal) => {
        await this.#watching.ensure(); // before the read, else a change between the two is lost
        this.#noticed = false;
        return await read(signal, check);
      },
      clock,
      timeout,
      waiters.length > 0,
    );
    this.#reading = reading;
    try {
      this.#arrive(await reading.record, check);
      this.#failures = 0;
      this.#lastCode = "";
      this.#notBefore = -Infinity;
      for (const { resolve } of waiters) resolve(this.#current?.version ?? "");
    } catch (error) {
      this.#fail(error);
      this.#rejectAll(waiters, error);
    } finally {
      this.#reading = null;
      this.#nextPoll = this.#pollAfter();
      this.look();
    }
  }

  /** A purge is not undone by a read that was under way, and nothing is read for a rotation that is closed. */
  #checkUseful(began: RotationPhase): void {
    this.#retireWhatIsOver(this.#parts.clock.monotonic());
    if (this.#phase === "closed") throw closedError();
    if (this.#phase === "purged" && began !== "purged") throw purgedError();
  }

  /** @throws {LetheError} when it cannot serve */
  #arrive(record: SecretRecord, check: () => void): void {
    const { clock, tell } = this.#parts;
    const arrived = new KeptRecord(record);
    arrived.term = arrived.end === null ? null : termOf(arrived.end, clock, this.#parts);
    try {
      check();
      if (remaining(arrived.term, clock) <= 0) throw expiredOnArrival(arrived.version);
    } catch (error) {
      arrived.retire();
      throw error;
    }
    const same = this.#current?.equals(arrived) === true;
    const before = this.#current?.version ?? null;
    this.#take(same ? "same" : "other", arrived);
    if (same) tell({ kind: "renewed", version: arrived.version });
    else tell({ kind: "rotated", version: arrived.version, previous: before });
  }

  #fail(error: unknown): void {
    if (this.#phase === "closed") return;
    const { clock, tell } = this.#parts;
    this.#failures++;
    this.#lastCode = codeOf(error);
    const pause = pauseAfter(this.#failures, remaining(this.#term, clock), clock);
    this.#notBefore = clock.monotonic() + pause;
    const isOver = this.#phase === "purged";
    tell({
      kind: "refresh-failed",
      code: this.#lastCode,
      failures: this.#failures,
      retryIn: isOver ? null : Math.round(pause),
    });
  }

  #pollAfter(): number {
    const { clock, pollEvery, jitter } = this.#parts;
    const every = pollEvery ?? (this.#watching.isBlind ? BLIND_POLL : Infinity);
    const next = this.#lastBegun + every * (1 - (jitter * clock.random()) / 2);
    // What failed is tried again, also where neither a term nor a poll would ask for it.
    return this.#failures === 0 ? next : Math.min(next, this.#notBefore);
  }

  #take(input: RotationInput, arrived: KeptRecord | null = null): void {
    const { phase, steps } = nextPhase(this.#phase, input);
    this.#phase = phase;
    for (const step of steps) this.#do(step, arrived);
  }

  #do(step: RotationStep, arrived: KeptRecord | null): void {
    switch (step) {
      case "retire-previous":
        this.#retire(this.#previous);
        this.#previous = null;
        break;
      case "retire-current":
        this.#retire(this.#current);
        this.#current = null;
        break;
      case "demote":
        this.#previous = this.#current;
        this.#overlapEnds = this.#parts.clock.monotonic() + this.#parts.overlap;
        break;
      case "install":
        this.#current = arrived;
        break;
      case "extend":
        if (arrived !== null) this.#current?.renew(arrived);
        break;
      case "discard":
        arrived?.retire();
    }
  }

  #retire(record: KeptRecord | null): void {
    if (record === null) return;
    record.retire();
    this.#parts.tell({ kind: "retired", version: record.version });
  }

  #rejectAll(waiters: readonly Waiter[], reason: unknown): void {
    for (const { reject } of waiters) reject(reason);
  }
}

export function closedError(): LetheError {
  return new LetheError("ERR_LETHE_DESTROYED", "Cannot use rotating secret: it was closed");
}

export function purgedError(): LetheError {
  return new LetheError(
    "ERR_LETHE_DESTROYED",
    "Cannot use rotating secret: its secrets were destroyed by a purge or by a user of them; refresh() reads them again",
  );
}

function expiredOnArrival(version: string): LetheError {
  return new LetheError(
    "ERR_LETHE_SOURCE_EXPIRED",
    `Cannot use version ${version}: it had expired when the source gave it; renew it there, and compare the clocks of both machines`,
  );
}

/** Milliseconds between two reads where changes should be seen and are not. */
const BLIND_POLL = 60_000;
/** Milliseconds: one hour. Timers of more than 2^31 - 1 would ring at once. */
const LONGEST_WAIT = 3_600_000;
