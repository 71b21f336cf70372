import type { SignalLike } from "../../core/arguments/foreign.ts";
import type { Clock } from "../../core/clock.ts";
import { LetheError } from "../../core/mod.ts";

/**
 * Sees changes until `signal` is aborted: the `watch` of a source without its reference.
 *
 * @param onChange called after each change, and once with an error when no more can be seen
 * @returns a promise that resolves once changes are seen, and rejects when they cannot be
 */
export type WatchSecret = (onChange: (ended?: Error) => void, signal: SignalLike) => Promise<void>;

/** Makes a {@link WatchSecret} of a directory. */
export type WatchDirectory = (path: string) => WatchSecret;

/** What a watch is kept going by. */
export interface WatchingParts {
  readonly watch: WatchSecret | null;
  readonly clock: Clock;
  /** Milliseconds in which it has to begin. */
  readonly timeout: number;
  /** Called after each change, and where one may not have been seen. */
  readonly onChange: () => void;
  /** Called when changes are no longer seen; not again until they were. */
  readonly onEnd: (error: unknown) => void;
}

/**
 * Keeps one watch going: it begins again, when asked, after it failed or ended.
 *
 * - WATCH-1: a watch that does not begin holds no read up for longer than {@link PATIENCE}, and has failed after `timeout`
 * - WATCH-2: until it has begun, changes are not seen: the source is polled
 * - WATCH-3: what begins after the read that waited for it counts as a change
 * - WATCH-4: one that ended twice in a row within a second of its begin is not begun again by the read that follows
 */
export class Watching {
  readonly #parts: WatchingParts;
  #ending: AbortController | null = null;
  #sees = false;
  #told = false;
  #closed = false;
  /** When it began, by the monotonic clock. */
  #began = -Infinity;
  /** How often in a row it ended soon after that. */
  #soon = 0;
  #rests = false;

  constructor(parts: WatchingParts) {
    this.#parts = parts;
  }

  /** Whether changes should be seen, and are not. */
  get isBlind(): boolean {
    return this.#parts.watch !== null && !this.#sees;
  }

  /** Sees to it that changes are seen from here on, if that can be without a long wait. It never rejects. */
  ensure(): Promise<void> {
    const { watch, clock, timeout } = this.#parts;
    if (watch === null || this.#ending !== null || this.#closed) return Promise.resolve();
    if (this.#rests) {
      this.#rests = false;
      return Promise.resolve();
    }
    const ending = new AbortController();
    this.#ending = ending;
    return new Promise((resolve) => {
      let isAwaited = true;
      const goOn = (): void => {
        isAwaited = false;
        resolve();
      };
      const stopPatience = clock.later(goOn, Math.min(PATIENCE, timeout / 2), false);
      const stopTimer = clock.later(() => this.#lose(ending, late(timeout)), timeout, false);
      ending.signal.addEventListener("abort", () => {
        stopPatience?.();
        stopTimer?.();
        goOn();
      });
      Promise.resolve()
        .then(() => watch((ended) => this.#notice(ending, ended), ending.signal))
        .then(
          () => {
            if (this.#ending !== ending) return; // it did not obey its signal
            stopPatience?.();
            stopTimer?.();
            this.#sees = true;
            this.#told = false;
            this.#began = clock.monotonic();
            if (isAwaited) goOn();
            else this.#parts.onChange();
          },
          (error) => this.#lose(ending, error),
        );
    });
  }

  close(): void {
    this.#closed = true;
    this.#sees = false;
    this.#ending?.abort();
    this.#ending = null;
  }

  #notice(ending: AbortController, ended: Error | undefined): void {
    if (this.#ending !== ending) return; // a watch that does not obey its signal
    if (ended !== undefined) this.#end(ending, ended);
    this.#parts.onChange();
  }

  /** What changed until now may not have been seen: a read follows, and would begin it again at once, for ever. */
  #end(ending: AbortController, ended: Error): void {
    const isSoon = !this.#sees || this.#parts.clock.monotonic() - this.#began < SOON;
    this.#soon = isSoon ? this.#soon + 1 : 0;
    this.#rests = this.#soon > 1;
    this.#lose(ending, ended);
  }

  #lose(ending: AbortController, error: unknown): void {
    if (this.#ending !== ending) return;
    this.#ending = null;
    this.#sees = false;
    ending.abort();
    if (this.#told) return;
    this.#told = true;
    this.#parts.onEnd(error);
  }
}

function late(milliseconds: number): LetheError {
  return new LetheError(
    "ERR_LETHE_SOURCE_TIMEOUT",
    `Cannot watch secret: the source did not begin within ${milliseconds} ms; give it more by the option timeout`,
  );
}

/** In milliseconds: so long a read waits for a watch to begin, and at most for half of its time. */
const PATIENCE = 1000;
/** In milliseconds. */
const SOON = 1000;
