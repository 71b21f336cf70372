import { optionalGlobal } from "../../core/own.ts";
import { process } from "../node_builtins.ts";

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
  // Only a monitor leaves the runtime's own report and exit code as they are.
  const uncaught = (): void => {
    if (!catchesExceptions()) listener();
  };
  process.on("exit", listener);
  process.on("uncaughtExceptionMonitor", uncaught);
  const scope = globalThis as EventScope;
  const deno = optionalGlobal("Deno") === undefined ? undefined : scope;
  deno?.addEventListener?.("unload", listener);
  return () => {
    process.removeListener("exit", listener);
    process.removeListener("uncaughtExceptionMonitor", uncaught);
    deno?.removeEventListener?.("unload", listener);
  };
}

/** Whether the application handles uncaught exceptions, and so may go on after one. */
function catchesExceptions(): boolean {
  const captures = process.hasUncaughtExceptionCaptureCallback?.() ?? false;
  return captures || process.listenerCount("uncaughtException") > 0;
}
