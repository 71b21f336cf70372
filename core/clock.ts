import { later, monotonicNow, wallNow } from "./globals.ts";

/** Clocks and timers, which tests replace. */
export interface Clock {
  /** Milliseconds since some moment; it never goes back, and may stand still while the machine sleeps. */
  monotonic(): number;
  /** Milliseconds since 1970; it can be set. */
  wall(): number;
  /**
   * Calls `task` once, after `milliseconds` or later.
   *
   * @param holds whether the process stays alive for it
   * @returns what stops it, or null where there are no timers now
   */
  later(task: () => void, milliseconds: number, holds: boolean): (() => void) | null;
  /** From 0 up to 1, without a need to be unpredictable. */
  random(): number;
}

const random = Math.random;

/** Those of the platform. */
export const PLATFORM_CLOCK: Clock = { monotonic: monotonicNow, wall: wallNow, later, random };
