import { reasonOf, type SignalLike } from "../core/arguments/foreign.ts";
import { afterwards } from "../core/globals.ts";
import { inBackground } from "../core/in_background.ts";

/**
 * What is pending; or the signal's reason as soon as that is aborted, whether or not what is pending obeys it.
 *
 * @param drop gets what comes after that
 */
export function orAborted<T>(
  pending: Promise<T>,
  signal: SignalLike,
  drop: (late: T) => void = () => undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let isAborted = false;
    const abort = (): void => {
      isAborted = true;
      reject(reasonOf(signal));
    };
    const over = (): void => signal.removeEventListener("abort", abort);
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
    void afterwards(pending, over).catch(over);
    pending.then((value) => {
      if (!isAborted) return resolve(value);
      inBackground(
        () => drop(value),
        () => null,
      );
    }, reject);
  });
}
