import { findDeno } from "../../../system/deno.ts";
import { process } from "../../../system/node_builtins.ts";

/** The part of Deno's global scope that tells about the end of the program. */
interface EventScope {
  readonly Deno?: unknown;
  addEventListener?(type: "unload" | "error", listener: (event: Handled) => void): void;
  removeEventListener?(type: "unload" | "error", listener: (event: Handled) => void): void;
}

interface Handled {
  readonly defaultPrevented: boolean;
}

/**
 * Calls `listener` when this thread ends by itself: at its normal end, at `process.exit()` and
 * `Deno.exit()`, and when an exception or a rejection that nobody handles ends it. It may be called
 * more than once.
 *
 * Where the application handles uncaught exceptions, an exception is no end: it goes on. When its handler throws in turn, that end
 * cannot be seen. On Deno a listener of `error` counts if it was added before.
 *
 * Not all runtimes say so in one way: Deno sends `exit` neither at `Deno.exit()` nor after an
 * uncaught exception. Nothing is told of a crash, `process.abort()`, SIGKILL, `process.reallyExit()`,
 * nor in a worker that is terminated from outside.
 *
 * @returns a function that removes the handlers
 */
export function onEnding(listener: () => void): () => void {
  const own = (): void => listener();
  if (LISTENERS.size === 0) install();
  LISTENERS.add(own);
  return () => {
    if (LISTENERS.delete(own) && LISTENERS.size === 0) uninstall();
  };
}

/** One handler for all of them: eleven would make a runtime warn of a leak. */
const LISTENERS = new Set<() => void>();

const ended = (): void => {
  for (const listener of LISTENERS) listener();
};

/** Whether listeners of `exit` run: one that throws keeps `ended` from being called, and no handler keeps the process. */
let isExiting = false;
const exiting = (): void => {
  isExiting = true;
};

// Only a monitor leaves the runtime's own report and exit code as they are.
const uncaught = (_error: unknown, origin: string): void => {
  const isLeftToDeno = origin === "uncaughtException" && denoScope() !== null;
  if (isExiting || !(isLeftToDeno || catchesExceptions())) ended();
};

/** Deno's own event, which a listener of the application may have handled. It comes after the monitor. */
const uncaughtOnDeno = ({ defaultPrevented }: Handled): void => {
  if (!defaultPrevented && !catchesExceptions()) ended();
};

function install(): void {
  process.prependListener("exit", exiting);
  process.on("exit", ended);
  process.on("uncaughtExceptionMonitor", uncaught);
  denoScope()?.addEventListener?.("unload", ended);
  denoScope()?.addEventListener?.("error", uncaughtOnDeno);
}

function uninstall(): void {
  process.removeListener("exit", exiting);
  process.removeListener("exit", ended);
  process.removeListener("uncaughtExceptionMonitor", uncaught);
  denoScope()?.removeEventListener?.("unload", ended);
  denoScope()?.removeEventListener?.("error", uncaughtOnDeno);
}

function denoScope(): EventScope | null {
  return findDeno() === undefined ? null : (globalThis as EventScope);
}

/** Whether the application handles uncaught exceptions, and so may go on after one. */
function catchesExceptions(): boolean {
  const captures = process.hasUncaughtExceptionCaptureCallback?.() ?? false;
  return captures || process.listenerCount("uncaughtException") > 0;
}
