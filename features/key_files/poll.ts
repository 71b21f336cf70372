/**
 * Asks `attempt` again and again until it says yes, for `patience` milliseconds. The thread sleeps in
 * between: key files are synchronous. The time that it slept is counted, and no clock is asked: tests
 * stop clocks.
 */
export function pollFor(patience: number, attempt: () => boolean): boolean {
  let left = patience;
  for (let longest = 1; ; longest = Math.min(longest * 2, LONGEST_PAUSE)) {
    if (attempt()) return true;
    if (left <= 0) return false;
    // Of different length in each process, so that they do not meet again and again.
    const pause = Math.min(left, longest * (0.5 + Math.random()));
    wait(NEVER, 0, 0, pause);
    left -= pause;
  }
}

/** In milliseconds. */
const LONGEST_PAUSE = 20;
const NEVER = new Int32Array(new SharedArrayBuffer(4));
const { wait } = Atomics;
