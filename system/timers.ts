import { afterwards, whicheverFirst } from "../core/globals.ts";
import { timers } from "./node_builtins.ts";

/**
 * Timers and clocks of Node, Deno and Bun as they are when Lethe is loaded. Fake timers of a test
 * replace the global ones, and some replace what `node:timers` exports: whoever waits for a prompt or a
 * custodian then waits for a clock that stands still. Where they did so before Lethe was loaded, and in
 * Bun, the wait beside each timer goes on.
 */
const { setImmediate, setTimeout: setTimer } = timers;
const { clearImmediate: stopImmediate, clearTimeout: stopTimer } = timers;
const { now } = Date;

/** Something that will happen unless it is stopped. */
export interface Later {
  stop(): void;
}

/** Calls `task` once, after `milliseconds`. It keeps the process alive until then. */
export function after(task: () => void, milliseconds: number): Later {
  const stop = whicheverFirst(task, milliseconds, (ring) => {
    const timer = setTimer(ring, milliseconds);
    return () => stopTimer(timer);
  });
  return { stop };
}

/**
 * Calls `task` once, after `milliseconds` or later, without keeping the process alive. For what nobody
 * waits for: under fake timers it may not happen.
 */
export function afterIdly(task: () => void, milliseconds: number): Later {
  const timer = setTimer(task, milliseconds);
  timer.unref?.(); // a number, where fake timers of a page stand in for those of node:timers
  return { stop: () => stopTimer(timer) };
}

/** Resolves after `milliseconds`. @param holds whether the process stays alive until then */
export function pause(milliseconds: number, holds: boolean = true): Promise<void> {
  return new Promise((resolve) => {
    (holds ? after : afterIdly)(resolve, milliseconds);
  });
}

/** Calls `task` when the handlers of this turn have run. */
export function soon(task: () => void): void {
  whicheverFirst(task, 1, (ring) => {
    const timer = setImmediate(ring);
    return () => stopImmediate(timer);
  });
}

/**
 * Calls `task` before the event loop turns. Not by `process.nextTick`, which tests fake, under jest also
 * the one of `node:process`.
 */
export function atTurnsEnd(task: () => void): void {
  void afterwards(turnsEnd, task);
}

const turnsEnd: Promise<void> = Promise.resolve();

/** Milliseconds since 1970. */
export function wallClock(): number {
  return now();
}
