import {
  clearTimeout as clearReal,
  setImmediate as immediate,
  setTimeout as realTimeout,
} from "node:timers";
import { optional, optionalGlobal } from "../core/own.ts";
import { process } from "./node_builtins.ts";

/**
 * Timers and clocks of Node, Deno and Bun as they are when Lethe is loaded. Fake timers of a test
 * replace the global ones, and some replace what `node:timers` exports: whoever waits for a prompt or a
 * custodian then waits for a clock that stands still.
 *
 * Bun's fake timers (`bun:test`) replace no function: the clock of the whole thread stands still under
 * all of them. There a wait of Atomics, which no test fakes, runs beside each timer.
 */
const [setTimer, clearTimer, setSoon] = [realTimeout, clearReal, immediate] as const;
const { now } = Date;
const nextTick = process.nextTick.bind(process);

/** Something that will happen unless it is stopped. */
export interface Later {
  stop(): void;
}

/** Calls `task` once, after `milliseconds`. It keeps the process alive until then. */
export function after(task: () => void, milliseconds: number): Later {
  return waitsOfBun === null
    ? timer(task, milliseconds, true)
    : both(task, milliseconds, waitsOfBun);
}

/** The same, without keeping the process alive. */
export function afterIdly(task: () => void, milliseconds: number): Later {
  return timer(task, milliseconds, false);
}

/** Resolves after `milliseconds`. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    after(resolve, milliseconds);
  });
}

/** Calls `task` when the handlers of this turn have run. */
export function soon(task: () => void): void {
  setSoon(task);
}

/** Calls `task` before the event loop turns. */
export function atTurnsEnd(task: () => void): void {
  nextTick(task);
}

/** Milliseconds since 1970. */
export function wallClock(): number {
  return now();
}

function timer(task: () => void, milliseconds: number, holds: boolean): Later {
  const running = setTimer(task, milliseconds);
  if (!holds) running.unref();
  return { stop: () => clearTimer(running) };
}

type WaitAsync = (
  word: Int32Array<SharedArrayBuffer>,
  index: 0,
  value: 0,
  milliseconds: number,
) => { readonly async: boolean; readonly value: Promise<string> | string };

const atomics: typeof Atomics & { readonly waitAsync?: WaitAsync } = Atomics;
const waitsOfBun: WaitAsync | null =
  optionalGlobal("Bun") === undefined ? null : (optional(atomics, "waitAsync") ?? null);

/** Whichever comes first; the wait does not keep the process alive, the timer does. */
function both(task: () => void, milliseconds: number, waitAsync: WaitAsync): Later {
  const word = new Int32Array(new SharedArrayBuffer(4));
  let over = false;
  const once = (): void => {
    if (over) return;
    stop();
    task();
  };
  const running = setTimer(once, milliseconds);
  const stop = (): void => {
    over = true;
    clearTimer(running);
    atomics.notify(word, 0);
  };
  const { value } = Reflect.apply(waitAsync, atomics, [word, 0, 0, milliseconds]);
  if (typeof value !== "string") value.then(once);
  return { stop };
}
