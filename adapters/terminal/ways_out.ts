import { process } from "../node_builtins.ts";
import {
  beforeDefaultAction,
  isHandledByApplication,
  onEnding,
  type Signal,
} from "../shutdown/mod.ts";
import { after, type Later } from "../timers.ts";

/** What a prompt does when the process ends, stops or goes on. */
export interface WaysOut {
  /** A signal ends the process: the terminal has to be as it was, and nothing else happens. */
  leave(): void;
  /** The program ends, or handles a signal itself and may go on: the prompt is over. */
  cancel(): void;
  /** The process is about to stop. */
  beforeStop(): void;
  /** Stops the process by SIGTSTP, or throws. */
  stop(): void;
  /** The process goes on, or did not stop. */
  resume(): void;
}

const ENDING: readonly Signal[] = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];

/**
 * Watches the ways out of a prompt. SIGKILL, SIGSTOP and a crash of the process cannot be watched.
 *
 * @returns a function that ends the watch
 */
export function watchWaysOut(ways: WaysOut): () => void {
  const removers = ENDING.map((signal) =>
    beforeDefaultAction(signal, (ends) => (ends ? ways.leave() : ways.cancel())),
  );
  const stops = new Stops(ways);
  removers.push(onEnding(ways.cancel));
  return () => {
    stops.end();
    for (const remove of removers) remove();
  };
}

/** SIGTSTP and SIGCONT. The latter also follows a SIGSTOP, which nobody sees come. */
class Stops {
  readonly #ways: WaysOut;
  #timer: Later | undefined;

  constructor(ways: WaysOut) {
    this.#ways = ways;
    process.on("SIGTSTP", this.#stop);
    process.on("SIGCONT", this.#wake);
  }

  end(): void {
    this.#timer?.stop();
    process.removeListener("SIGTSTP", this.#stop);
    process.removeListener("SIGCONT", this.#wake);
  }

  readonly #stop = (): void => {
    this.#ways.beforeStop();
    this.#timer = after(this.#resume, STOP_TIME);
    process.removeListener("SIGTSTP", this.#stop);
    try {
      if (!isHandledByApplication("SIGTSTP")) this.#ways.stop();
    } catch {
      // Not permitted (Deno without --allow-run): the prompt goes on.
    }
  };

  /** Not at once: a custodian is also woken when its application ends, and then ends itself. */
  readonly #wake = (): void => {
    this.#timer?.stop();
    this.#timer = after(this.#resume, WAKE_TIME);
  };

  readonly #resume = (): void => {
    this.#timer?.stop();
    process.removeListener("SIGTSTP", this.#stop);
    process.on("SIGTSTP", this.#stop);
    this.#ways.resume();
  };
}

/** In milliseconds. */
const WAKE_TIME = 50;
/** In milliseconds. What has not stopped by then does not stop. */
const STOP_TIME = 200;
