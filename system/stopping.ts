import { type SignalLike, throwIfAborted } from "../core/arguments/foreign.ts";
import { later } from "../core/globals.ts";

/** What ends a request, and why it ended. */
export interface Stop {
  readonly signal: AbortSignal;
  timedOut(): boolean;
  /** Time does not matter from here on. */
  wait(): void;
  abort(): void;
  end(): void;
}

/** Aborts after `timeout`, or with `signal`. */
export function stopping(timeout: number, signal: SignalLike | undefined): Stop {
  throwIfAborted(signal);
  const controller = new AbortController();
  let late = false;
  const abort = (): void => controller.abort();
  const timer = later(
    () => {
      late = true;
      abort();
    },
    timeout,
    true,
  );
  signal?.addEventListener("abort", abort);
  return {
    signal: controller.signal,
    timedOut: () => late,
    wait: () => timer?.(),
    abort,
    end() {
      timer?.();
      signal?.removeEventListener("abort", abort);
    },
  };
}
