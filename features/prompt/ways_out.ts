import { ENDING_SIGNALS } from "../../system/signals.ts";
import { beforeDefaultAction, onEnding } from "../process/shutdown/mod.ts";

/** What a prompt does when the process ends. */
export interface WaysOut {
  /** A signal ends the process: the terminal has to be as it was, and nothing else happens. */
  leave(): void;
  /** The program ends, or handles a signal itself and may go on: the prompt is over. */
  cancel(isEnding: boolean): void;
}

/**
 * Watches the ways out of a prompt. SIGKILL, SIGSTOP and a crash of the process cannot be watched.
 *
 * @returns a function that ends the watch
 */
export function watchWaysOut(ways: WaysOut): () => void {
  const removers = ENDING_SIGNALS.map((signal) =>
    beforeDefaultAction(signal, (ends) => (ends ? ways.leave() : ways.cancel(false))),
  );
  removers.push(onEnding(() => ways.cancel(true)));
  return () => {
    for (const remove of removers) remove();
  };
}

/**
 * Calls `restore` before a signal, an exception or an exit ends this process.
 *
 * @returns a function that ends the watch
 */
export function beforeEnd(restore: () => void): () => void {
  return watchWaysOut({
    leave: restore,
    cancel: (isEnding) => {
      if (isEnding) restore();
    },
  });
}
