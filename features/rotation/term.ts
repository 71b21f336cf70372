import type { Clock } from "../../core/clock.ts";

/**
 * How long a record may be used, by two clocks.
 *
 * The time of day can be set, and the monotonic clock of most systems stands still while a machine sleeps.
 * Neither alone tells when a record has expired: it has as soon as one of them says so.
 */
export interface Term {
  /** Milliseconds since 1970. */
  readonly end: number;
  /** The same moment by the monotonic clock, as it was when the record came. */
  readonly deadline: number;
  /** So long before its end, in milliseconds, it is to be read again. */
  readonly margin: number;
}

/** What decides when a record is read again. */
export interface Timing {
  /** Milliseconds before the end; null: a third of the time that it is valid. */
  readonly refreshBefore: number | null;
  /** From 0 to 1. */
  readonly jitter: number;
}

/** The term of a record that came now and is valid until `end`. */
export function termOf(end: number, clock: Clock, { refreshBefore, jitter }: Timing): Term {
  const lifetime = end - clock.wall();
  // No later than halfway: who asks for more than the lifetime would read again without a pause.
  const margin = Math.min(refreshBefore ?? lifetime / 3, lifetime / 2);
  // Earlier, never later: the time that is left for failures stays.
  const spread = Math.min(lifetime - margin, margin) * jitter * clock.random();
  return { end, deadline: clock.monotonic() + lifetime, margin: margin + spread };
}

/** Milliseconds until the record expires; 0 or less: it has. */
export function remaining(term: Term | null, clock: Clock): number {
  if (term === null) return Infinity;
  return Math.min(term.end - clock.wall(), term.deadline - clock.monotonic());
}

/** Milliseconds until the record is to be read again; 0 or less: now. */
export function untilDue(term: Term | null, clock: Clock): number {
  return term === null ? Infinity : remaining(term, clock) - term.margin;
}

/**
 * Milliseconds to wait after `failures` reads in a row that failed: 1 s, 2 s, 4 s up to a minute, and no
 * longer than half of what is left to the record; 50 to 100 per cent of that, so that many processes do not
 * come at the same moments.
 */
export function pauseAfter(failures: number, left: number, clock: Clock): number {
  const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(failures - 1, 10));
  const useful = left > 0 ? Math.min(pause, Math.max(left / 2, LEAST_INTERVAL)) : pause;
  return useful * (0.5 + clock.random() / 2);
}

/** Milliseconds. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 60_000;
/** Between the beginnings of two reads that nobody asked for: a storm of notices does not become one of reads. */
export const LEAST_INTERVAL = 100;
