import { afterwards } from "../core/globals.ts";

/** What is pending; or the signal's reason as soon as that is aborted, whether or not a `fetch` obeys it. */
export function orAborted<T>(pending: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    const over = (): void => signal.removeEventListener("abort", abort);
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
    void afterwards(pending, over).catch(over);
    pending.then(resolve, reject);
  });
}
