import type { Clock } from "../../core/clock.ts";
import type { RotationPhase } from "./phases.ts";
import { LEAST_INTERVAL, pauseAfter, type Term, untilDue } from "./term.ts";

/** What decides when a source is read that nobody asked for. */
export interface ScheduleParts {
  /** In milliseconds; null: it is not polled. */
  readonly pollEvery: number | null;
  /** From 0 to 1. */
  readonly jitter: number;
  readonly clock: Clock;
}

/** When the next read is to begin. All moments by the monotonic clock, in milliseconds. */
export class Schedule {
  readonly #parts: ScheduleParts;
  #nextPoll = Infinity;
  #notBefore = -Infinity;
  #lastBegun = -Infinity;
  #failures = 0;
  #lastCode = "";
  #noticed = false;

  constructor(parts: ScheduleParts) {
    this.#parts = parts;
  }

  /** The code of the last read, if that failed. */
  get lastCode(): string {
    return this.#lastCode;
  }

  /** Reads in a row that failed. */
  get failures(): number {
    return this.#failures;
  }

  /** The source has changed. */
  notice(): void {
    this.#noticed = true;
  }

  /** What was noticed until now is seen by the read that begins now. */
  forgetNotice(): void {
    this.#noticed = false;
  }

  begin(): void {
    this.#lastBegun = this.#parts.clock.monotonic();
  }

  succeed(): void {
    this.#failures = 0;
    this.#lastCode = "";
    this.#notBefore = -Infinity;
  }

  /**
   * @param left milliseconds until what serves expires
   * @returns milliseconds until it is tried again
   */
  fail(code: string, left: number): number {
    const { clock } = this.#parts;
    this.#failures++;
    this.#lastCode = code;
    const pause = pauseAfter(this.#failures, left, clock);
    this.#notBefore = clock.monotonic() + pause;
    return pause;
  }

  /** A read is over. @param isBlind whether changes should be seen, and are not */
  end(isBlind: boolean): void {
    const { clock, pollEvery, jitter } = this.#parts;
    const every = pollEvery ?? (isBlind ? BLIND_POLL : Infinity);
    const next = this.#lastBegun + every * (1 - jitter * clock.random());
    // What failed is tried again, also where neither a term nor a poll would ask for it.
    this.#nextPoll = this.#failures === 0 ? next : Math.min(next, this.#notBefore);
  }

  /** When a read is to begin that nobody asked for. */
  nextRead(now: number, phase: RotationPhase, term: Term | null): number {
    const spaced = this.#lastBegun + LEAST_INTERVAL;
    if (this.#noticed) return spaced;
    const due = phase === "expired" ? now : now + untilDue(term, this.#parts.clock);
    return Math.max(spaced, this.#notBefore, Math.min(due, this.#nextPoll));
  }
}

/** Milliseconds between two reads where changes should be seen and are not. */
export const BLIND_POLL = 60_000;
