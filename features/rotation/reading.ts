import type { Clock } from "../../core/clock.ts";
import { inBackground } from "../../core/in_background.ts";
import { LetheError } from "../../core/mod.ts";
import type { SecretRecord } from "../sources/mod.ts";

/**
 * One read of a source, which ends in time.
 *
 * - a record that comes after that is destroyed
 * - the source is told by its signal, and nobody waits for it to obey
 */
export class Reading {
  /** The record; or why there is none. */
  readonly record: Promise<SecretRecord>;
  readonly #ending = new AbortController();
  readonly #setTimer: (holds: boolean) => void;
  #stopTimer: (() => void) | null = null;
  #reject: (reason: unknown) => void = () => undefined;
  #over = false;

  /** @param holds whether the process stays alive until it ends */
  constructor(
    read: (signal: AbortSignal) => Promise<SecretRecord>,
    clock: Clock,
    milliseconds: number,
    holds: boolean,
  ) {
    const end = clock.monotonic() + milliseconds;
    this.#setTimer = (keeps) => {
      const left = Math.max(1, end - clock.monotonic());
      this.#stopTimer = clock.later(() => this.end(late(milliseconds)), left, keeps);
    };
    this.#setTimer(holds);
    this.record = new Promise<SecretRecord>((resolve, reject) => {
      this.#reject = reject;
      Promise.resolve()
        .then(() => read(this.#ending.signal))
        .then(
          (record) => {
            if (this.#over) destroy(record);
            else resolve(record);
            this.#finish();
          },
          (error) => {
            reject(error);
            this.#finish();
          },
        );
    });
  }

  /** Somebody waits for it now: the process stays alive until it ends. */
  hold(): void {
    if (this.#over) return;
    this.#stopTimer?.();
    this.#setTimer(true);
  }

  /** Ends it now, with this reason. */
  end(reason: LetheError): void {
    if (this.#over) return;
    this.#reject(reason);
    this.#finish();
    this.#ending.abort(reason);
  }

  #finish(): void {
    this.#over = true;
    this.#stopTimer?.();
  }
}

/** It may be anything: the source is somebody else's. */
function destroy(record: SecretRecord): void {
  inBackground(
    () => record.destroy(),
    () => null,
  );
}

function late(milliseconds: number): LetheError {
  return new LetheError(
    "ERR_LETHE_SOURCE_TIMEOUT",
    `Cannot read secret: the source did not answer within ${milliseconds} ms; give it more by the option timeout`,
  );
}
