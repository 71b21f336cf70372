/**
 * Calls `task` again and again without keeping the process alive. Where a runtime has no timers at
 * this moment (a worker outside of a request), it says so instead.
 *
 * @param time milliseconds between two calls
 * @returns what stops it, or null where there are no timers now
 */
export function repeat(task: () => void, time: number): (() => void) | null {
  try {
    const timer = setInterval(task, time);
    // Node and Bun give an object; Deno a number, which its own function takes; browsers have
    // nothing to keep alive.
    if (typeof timer === "object") timer.unref?.();
    else (globalThis as { Deno?: DenoTimers }).Deno?.unrefTimer?.(timer);
    return () => clearInterval(timer);
  } catch {
    return null;
  }
}

/** Resolves in a later turn of the event loop. */
export function laterTurn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}

type Timer = number | { unref?(): void };
interface DenoTimers {
  unrefTimer?(timer: number): void;
}

/** The timers that all runtimes share. */
declare function setInterval(task: () => void, time: number): Timer;
declare function clearInterval(timer: Timer): void;
declare function setTimeout(task: () => void, time: number): Timer;
