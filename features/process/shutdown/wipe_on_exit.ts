import { wrongKind, wrongType } from "../../../core/arguments/argument_error.ts";
import { readOptions } from "../../../core/arguments/options.ts";
import type { Secrets } from "../../../core/contract/secrets.ts";
import { process } from "../../../system/node_builtins.ts";
import { ENDING_SIGNALS, type Signal } from "../../../system/signals.ts";
import { onEnding } from "./endings.ts";
import { beforeDefaultAction } from "./signals.ts";

/** How secrets end with the process. */
export interface WipeOnExitOptions {
  /**
   * What a signal does that the application handles itself, and may survive: `"keep"` (the default)
   * leaves the secrets to it, and wipes when the process ends; `"purge"` wipes at the signal.
   */
  readonly handledSignals?: "keep" | "purge";
}

/** Type of {@link wipeOnExit}. */
export type WipeOnExit = (secrets: Secrets, options?: WipeOnExitOptions) => () => void;

/**
 * Wipes every live secret of `secrets` before this process ends: at SIGINT, SIGTERM, SIGHUP, SIGQUIT,
 * SIGUSR2 (by which nodemon restarts a program) and SIGBREAK, at an uncaught exception, an unhandled
 * rejection, `process.exit()`, `Deno.exit()` and the normal end. In a worker thread, at the end of that
 * thread.
 *
 * The handlers stand beside the application's own and replace none. What would have happened without
 * them happens afterwards: the signal ends the process, and its parent sees that (128 + n in a
 * shell); an exception is reported by the runtime itself; an exit code stays what it was. That holds
 * whatever libraries listen too, with another copy of Lethe among them; see docs/shutdown.md.
 *
 * Where the application handles uncaught exceptions, one wipes nothing, and when its handler throws in turn, nothing is wiped
 * on Node and Deno: see docs/shutdown.md. It does not run when nobody can: at SIGKILL, a crash, `process.abort()`, `process.reallyExit()`,
 * the end of the machine, `worker.terminate()`. The kernel clears pages before it gives them to
 * anyone else; a core file is written before that, which hardenProcess() and `no-dump` are for.
 *
 * The listeners of `exit` that were added earlier run before the wipe, later ones after it.
 *
 * @returns a function that removes the handlers; safe to call twice
 * @throws {TypeError} for what has no `purge()`, or another `handledSignals`; secrets of another copy of Lethe are taken
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { wipeOnExit } from "lethe/process";
 *
 * const secrets = openSecrets();
 * const stop = wipeOnExit(secrets);
 * secrets.random(32); // wiped when this program ends
 * stop(); // unless you take the handlers away again
 * ```
 */
export function wipeOnExit(secrets: Secrets, options?: WipeOnExitOptions): () => void {
  const handledSignals = check(secrets, options);
  const purge = (): void => {
    try {
      secrets.purge();
    } catch {
      // The process is ending: all of them were tried, and nobody could catch this.
    }
  };
  const removers = SIGNALS.map((signal) =>
    beforeDefaultAction(signal, (ends) => {
      if (ends || handledSignals === "purge") purge();
    }),
  );
  removers.push(onEnding(purge));
  return () => {
    for (const remove of removers) remove();
  };
}

/** Supervisors that restart a program, such as nodemon, end it by SIGUSR2. */
const SIGNALS: readonly Signal[] =
  process.platform === "win32" ? ENDING_SIGNALS : [...ENDING_SIGNALS, "SIGUSR2"];

function check(secrets: unknown, options: WipeOnExitOptions | undefined): "keep" | "purge" {
  const cannot = "Cannot wipe on exit as";
  if (typeof (secrets as { purge?: unknown } | null | undefined)?.purge !== "function") {
    throw wrongKind(`${cannot} secrets must come from openSecrets()`, secrets);
  }
  const { handledSignals = "keep" } = readOptions(options, "wipe on exit", ["handledSignals"]);
  if (handledSignals !== "keep" && handledSignals !== "purge") {
    throw wrongType(`${cannot} handledSignals must be "keep" or "purge"`);
  }
  return handledSignals;
}
