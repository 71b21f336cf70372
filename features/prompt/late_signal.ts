import { isMainThread } from "node:worker_threads";
import { monotonicNow } from "../../core/globals.ts";

/**
 * Waits until a stop signal that was sent to this process has stopped this thread too, and it goes on. The
 * kernel gives it to the main thread, which has stopped when kill(2) returns there; another thread goes on
 * for a moment, longer on a busy machine.
 */
export function letSignalArrive(): void {
  if (isMainThread) return;
  const word = new Int32Array(new SharedArrayBuffer(4));
  for (let slice = 0; slice < SLICES; slice++) {
    const began = monotonicNow();
    wait(word, 0, 0, SLICE);
    if (monotonicNow() - began > STOPPED_TIME) return;
  }
}

const { wait } = Atomics;
/** In milliseconds, and how many of them a signal gets. What has not stopped by then does not stop. */
const SLICE = 5;
const SLICES = 40;
/** In milliseconds. Nobody brings a program back sooner. */
const STOPPED_TIME = 40;
