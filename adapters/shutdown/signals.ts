import { constants } from "node:os";
import { process } from "../node_builtins.ts";
import { readText } from "../read_text.ts";
import { soon } from "../timers.ts";

/** Signals by name, as `process.on` takes them. */
export type Signal = NodeJS.Signals;

/** The listeners of this module. Every other one is the application's. */
const GUESTS = new WeakSet<object>();

/**
 * Calls `listener` when `signal` arrives, and then lets the default action follow.
 *
 * While the application has a listener of its own for the signal, the default action stays away, as
 * it would without this one, and `ends` is false. Else the signal is raised again once every
 * listener has run, so that the process ends by it, with the status that its parent expects (128 + n
 * in a shell).
 *
 * A signal that the parent had ignored (nohup(1)) stays ignored: no listener is added. That is read
 * from `/proc/self/status`, and elsewhere not known.
 *
 * @returns a function that removes the listener; safe to call twice
 */
export function beforeDefaultAction(signal: Signal, listener: (ends: boolean) => void): () => void {
  if (isIgnored(signal)) return () => undefined;
  const guest = (): void => {
    const ends = !isHandledByApplication(signal);
    // Other guests run first. Nothing else comes between, unless the application made it urgent.
    if (ends) soon(() => endBy(signal));
    listener(ends);
  };
  GUESTS.add(guest);
  process.on(signal, guest);
  return () => {
    process.removeListener(signal, guest);
  };
}

/** Whether the application listens, so that the signal has no default action. */
export function isHandledByApplication(signal: Signal): boolean {
  return process.listeners(signal).some((listener) => !GUESTS.has(listener));
}

/** Ends the process by `signal`, past the listeners of this module. */
function endBy(signal: Signal): void {
  if (isHandledByApplication(signal)) return;
  for (const listener of process.listeners(signal)) {
    process.removeListener(signal, listener as () => void);
  }
  try {
    process.kill(process.pid, signal);
    // It reaches one of the threads at once, but not necessarily this one.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, DELIVERY_TIME);
  } catch {
    // Deno without --allow-run may not signal itself.
  }
  process.exit(128 + (constants.signals[signal] ?? 0));
}

function isIgnored(signal: Signal): boolean {
  try {
    const status = readText("/proc/self/status");
    const [, mask = "0"] = /^SigIgn:\s+([0-9a-f]+)$/m.exec(status) ?? [];
    return ((BigInt(`0x${mask}`) >> BigInt((constants.signals[signal] ?? 1) - 1)) & 1n) === 1n;
  } catch {
    return false;
  }
}

/** In milliseconds. */
const DELIVERY_TIME = 100;
