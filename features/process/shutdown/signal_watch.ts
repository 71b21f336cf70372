import { constants } from "node:os";
import { bare } from "../../../core/arguments/own.ts";
import { process } from "../../../system/node_builtins.ts";
import type { Signal } from "../../../system/signals.ts";

/** Taken once: tests replace both, and a program that is to end must end. */
const kill = process.kill.bind(process);
const exit = process.exit.bind(process);
const settled = Promise.resolve();

/** What is done when a signal arrives. `ends`: nobody else handles it, and the process ends by it. */
export type SignalHook = (ends: boolean) => void;

/**
 * On the listeners of this module, of whatever copy: they are guests, and no application's. What a
 * listener carries that an application marks so is its own doing: it does not keep the process.
 *
 * The version is that of what guests agree on: a guest stands back as soon as the signal is heard, does
 * not count other guests, and takes all of them off before it raises the signal again.
 */
const MARK = Symbol.for("lethe.signal-guest.v1");

export function markAsGuest<T extends () => void>(listener: T): T {
  return Object.defineProperty(listener, MARK, bare({ value: true }));
}

export function isGuest(listener: unknown): boolean {
  try {
    return Object.hasOwn(listener as object, MARK);
  } catch {
    return false; // no object, or a proxy that throws
  }
}

/** The listeners for a signal that are not guests. */
export function listenersOfApplication(signal: Signal): readonly unknown[] {
  return process.listeners(signal).filter((listener) => !isGuest(listener));
}

/** Takes off the guests of all copies. */
export function removeGuests(signal: Signal): void {
  for (const listener of process.listeners(signal)) {
    if (isGuest(listener)) process.removeListener(signal, listener as () => void);
  }
}

/** Whether the application listens, so that the signal has no default action. */
export function isHandledByApplication(signal: Signal): boolean {
  return listenersOfApplication(signal).length > 0;
}

/** One listener for one signal, and what is done when it hears it. */
export abstract class SignalWatch {
  readonly signal: Signal;
  readonly #hooks = new Set<SignalHook>();
  #left = 0;

  constructor(signal: Signal) {
    this.signal = signal;
  }

  /** @returns a function that removes the hook; safe to call twice */
  add(hook: SignalHook): () => void {
    const own: SignalHook = (ends) => hook(ends);
    this.#hooks.add(own);
    this.listen();
    watchOthers(this);
    return () => {
      if (!this.#hooks.delete(own) || this.#hooks.size > 0) return;
      this.standBack();
      unwatchOthers(this);
    };
  }

  get wanted(): boolean {
    return this.#hooks.size > 0;
  }

  /** Another listener for the signal is added. */
  abstract otherComes(): void;

  /** Another listener for the signal was removed: in the turn in which the signal came, by `once`. */
  otherLeaves(): void {
    this.#left++;
    // A microtask: Deno hears a signal that a listener raises before the turn ends.
    void settled.then(() => {
      this.#left = 0;
    });
  }

  /** Adds the listener, unless it is there. */
  protected abstract listen(): void;
  protected abstract standBack(): void;

  /** Whether the application handles the signal that is being heard. */
  protected get handled(): boolean {
    return this.#left > 0 || isHandledByApplication(this.signal);
  }

  protected tell(ends: boolean): void {
    for (const hook of this.#hooks) {
      try {
        hook(ends);
      } catch {
        // The others are told all the same, and the signal acts.
      }
    }
  }
}

/** The watches of this copy. While there are any, the process tells which listeners come and go. */
const WATCHES = new Set<SignalWatch>();

function watchOthers(watch: SignalWatch): void {
  if (WATCHES.size === 0) {
    process.on("newListener", onNew);
    process.on("removeListener", onRemoved);
  }
  WATCHES.add(watch);
}

function unwatchOthers(watch: SignalWatch): void {
  WATCHES.delete(watch);
  if (WATCHES.size > 0) return;
  process.removeListener("newListener", onNew);
  process.removeListener("removeListener", onRemoved);
}

function onNew(name: unknown, listener: unknown): void {
  if (isGuest(listener)) return;
  for (const watch of WATCHES) if (watch.signal === name) watch.otherComes();
}

function onRemoved(name: unknown, listener: unknown): void {
  if (isGuest(listener)) return;
  for (const watch of WATCHES) if (watch.signal === name) watch.otherLeaves();
}

/** In milliseconds. A signal reaches one of the threads at once, but not necessarily this one. */
const DELIVERY_TIME = 100;

/** Signals this process. False: it may not, or cannot. */
export function raise(signal: Signal): boolean {
  try {
    return kill(process.pid, signal);
  } catch {
    return false;
  }
}

/** Ends the process by a signal for which nothing listens, or with the status that it would have. */
export function endBy(signal: Signal): void {
  if (raise(signal)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, DELIVERY_TIME);
  // As the first process of a container, for which the kernel drops signals without a listener, too.
  exitAsBy(signal);
}

/** Ends the process with the status that a shell shows after a signal. */
export function exitAsBy(signal: Signal): void {
  exit(128 + (constants.signals[signal] ?? 0));
}
