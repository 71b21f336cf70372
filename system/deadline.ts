import { monotonicNow } from "../core/globals.ts";
import { wallClock } from "./timers.ts";

/**
 * A moment by two clocks.
 *
 * The time of day can be set, and the monotonic clock of most systems stands still while a machine sleeps.
 * Neither alone tells that the moment has come: it has as soon as one of them says so.
 */
export interface Deadline {
  /** Milliseconds since 1970. Infinity: never. */
  readonly wall: number;
  /** The same moment by the monotonic clock, as it was when the deadline was set. */
  readonly monotonic: number;
}

/** Two clocks, in milliseconds. */
export interface Clocks {
  wall(): number;
  monotonic(): number;
}

export const CLOCKS: Clocks = { wall: wallClock, monotonic: monotonicNow };

/** @param wall milliseconds since 1970; Infinity: never */
export function deadlineAt(wall: number, clocks: Clocks = CLOCKS): Deadline {
  return { wall, monotonic: clocks.monotonic() + (wall - clocks.wall()) };
}

/** Milliseconds until a deadline; 0 or less: it has come. */
export function timeUntil({ wall, monotonic }: Deadline, clocks: Clocks = CLOCKS): number {
  return Math.min(wall - clocks.wall(), monotonic - clocks.monotonic());
}
