import { reasonOf, type SignalLike } from "../../core/arguments/foreign.ts";

/**
 * One prompt at a time, whoever asks: promptSecret, a custodian for this program, and every copy of
 * Lethe in it. A terminal has one line for all of them. Not shared between worker threads.
 *
 * @param signal ends the wait as well, and keeps nobody waiting who comes behind
 */
export function takeTurn<T>(ask: () => Promise<T>, signal?: SignalLike): Promise<T> {
  const turns = sharedTurns();
  const before = turns.last;
  const asked = turnAfter(before, signal).then(ask);
  turns.last = before.then(() => asked).then(nothing, nothing);
  return asked;
}

/** Resolves when the prompts before have ended. Rejects when the signal comes first. */
function turnAfter(before: Promise<unknown>, signal: SignalLike | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      if (signal !== undefined) reject(reasonOf(signal));
    };
    if (signal?.aborted === true) abort();
    signal?.addEventListener("abort", abort);
    before.then(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    });
  });
}

interface Turns {
  last: Promise<unknown>;
}

/** The version is that of {@link Turns}: a copy with another shape uses another one. */
const MARK = Symbol.for("lethe.prompt_turns.1");

function sharedTurns(): Turns {
  const scope = globalThis as { [MARK]?: Turns };
  if (!Object.hasOwn(scope, MARK)) {
    Object.defineProperty(scope, MARK, { value: { last: Promise.resolve() } });
  }
  return scope[MARK] as Turns;
}

function nothing(): void {
  // What became of a prompt is told to the one that asked.
}
