import type { SignalLike } from "../../core/arguments/foreign.ts";

/**
 * Sees changes until `signal` is aborted: the `watch` of a source without its reference.
 *
 * @param onChange called after each change, and once with an error when no more can be seen
 * @returns a promise that resolves once changes are seen, and rejects when they cannot be
 */
export type WatchSecret = (onChange: (ended?: Error) => void, signal: SignalLike) => Promise<void>;

/** Makes a {@link WatchSecret} of a directory. */
export type WatchDirectory = (path: string) => WatchSecret;

/** Keeps one watch going: it begins again, when asked, after it failed or ended. */
export class Watching {
  readonly #watch: WatchSecret | null;
  readonly #onChange: () => void;
  readonly #onEnd: (error: unknown) => void;
  #ending: AbortController | null = null;
  #told = false;
  #closed = false;

  /** @param onEnd called when changes are no longer seen; not again until they were */
  constructor(watch: WatchSecret | null, onChange: () => void, onEnd: (error: unknown) => void) {
    this.#watch = watch;
    this.#onChange = onChange;
    this.#onEnd = onEnd;
  }

  /** Whether changes should be seen, and are not. */
  get isBlind(): boolean {
    return this.#watch !== null && this.#ending === null;
  }

  /** Sees to it that changes are seen from here on, if they can be. It never rejects. */
  async ensure(): Promise<void> {
    const watch = this.#watch;
    if (watch === null || this.#ending !== null || this.#closed) return;
    const ending = new AbortController();
    this.#ending = ending;
    try {
      await watch((ended) => this.#notice(ending, ended), ending.signal);
      if (this.#ending === ending) this.#told = false;
    } catch (error) {
      this.#lose(ending, error);
    }
  }

  close(): void {
    this.#closed = true;
    this.#ending?.abort();
    this.#ending = null;
  }

  #notice(ending: AbortController, ended: Error | undefined): void {
    if (this.#ending !== ending) return; // a watch that does not obey its signal
    if (ended !== undefined) this.#lose(ending, ended);
    this.#onChange();
  }

  #lose(ending: AbortController, error: unknown): void {
    if (this.#ending !== ending) return;
    this.#ending = null;
    ending.abort();
    if (this.#told) return;
    this.#told = true;
    this.#onEnd(error);
  }
}
