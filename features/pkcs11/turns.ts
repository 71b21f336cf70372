import { LetheError } from "../../core/contract/errors.ts";
import { VERB } from "./pkcs11_error.ts";

/** Calls that may wait for their turn. */
const MOST_WAITING = 65_536;

/** Runs calls one at a time, in the order in which they came. One that fails does not end the others. */
export class Turns {
  /** It gives nothing: kept, a result would outlive its caller. */
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  /** @throws {LetheError} `ERR_LETHE_EXHAUSTED` where too many wait; what `run` throws */
  async take<T>(run: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MOST_WAITING) {
      throw new LetheError(
        "ERR_LETHE_EXHAUSTED",
        `Cannot ${VERB}: ${MOST_WAITING} calls wait already; await some of them first`,
      );
    }
    const mine = this.#runAfter(this.#last, run);
    this.#last = settled(mine);
    return await mine;
  }

  async #runAfter<T>(last: Promise<void>, run: () => Promise<T>): Promise<T> {
    this.#waiting += 1;
    await last;
    this.#waiting -= 1;
    return await run();
  }
}

async function settled(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch {
    // its caller is told
  }
}
