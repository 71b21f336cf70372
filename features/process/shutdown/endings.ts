import { findDeno } from "../../../system/deno.ts";
import { process } from "../../../system/node_builtins.ts";

/** The part of Deno's global scope that tells about the end of the program. */
interface EventScope {
  readonly Deno?: unknown;
  addEventListener?(type: "unload", listener: () => void): void;
  removeEventListener?(type: "unload", listener: () => void): void;
}

/**
 * Calls `listener` when this thread ends by itself: at its normal end, at `process.exit()` and
 * `Deno.exit()`, and when an exception or a rejection that nobody handles ends it. It may be called
 * more than once.
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

// Only a monitor leaves the runtime's own report and exit code as they are.
const uncaught = (): void => {
  if (!catchesExceptions()) ended();
};

function install(): void {
  process.on("exit", ended);
  process.on("uncaughtExceptionMonitor", uncaught);
  denoScope()?.addEventListener?.("unload", ended);
}

function uninstall(): void {
  process.removeListener("exit", ended);
  process.removeListener("uncaughtExceptionMonitor", uncaught);
  denoScope()?.removeEventListener?.("unload", ended);
}

function denoScope(): EventScope | null {
  return findDeno() === undefined ? null : (globalThis as EventScope);
}

/** Whether the application handles uncaught exceptions, and so may go on after one. */
function catchesExceptions(): boolean {
  const captures = process.hasUncaughtExceptionCaptureCallback?.() ?? false;
  return captures || process.listenerCount("uncaughtException") > 0;
}
