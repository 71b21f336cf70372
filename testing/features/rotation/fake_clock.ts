import type { Clock } from "../../../core/clock.ts";

interface FakeTimer {
  readonly at: number;
  readonly task: () => void;
}

/** Two clocks that a test moves apart, and timers by the monotonic one. */
export class FakeClock implements Clock {
  readonly #timers = new Set<FakeTimer>();
  readonly #randoms: readonly number[];
  #now = 1000;
  #wall = 1_800_000_000_000;
  #drawn = 0;

  constructor(randoms: readonly number[] = [0.5]) {
    this.#randoms = randoms;
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** Milliseconds until the next timer. */
  get next(): number {
    return Math.min(...[...this.#timers].map(({ at }) => at)) - this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  wall(): number {
    return this.#wall;
  }

  random(): number {
    return this.#randoms[this.#drawn++ % this.#randoms.length] ?? 0;
  }

  later(task: () => void, milliseconds: number): () => void {
    if (!(milliseconds >= 0 && milliseconds < 2 ** 31)) throw new RangeError(`${milliseconds}`);
    const timer = { at: this.#now + milliseconds, task };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Time goes by, and `settle` runs after each timer. */
  async advance(milliseconds: number, settle: () => Promise<void>): Promise<void> {
    const until = this.#now + milliseconds;
    for (;;) {
      const [first] = [...this.#timers].sort((a, b) => a.at - b.at);
      if (first === undefined || first.at > until) break;
      this.#timers.delete(first);
      this.#wall += Math.max(0, first.at - this.#now);
      this.#now = Math.max(this.#now, first.at);
      first.task();
      await settle();
    }
    this.#wall += until - this.#now;
    this.#now = until;
  }

  /** Somebody sets the time of day; or the machine sleeps, while the monotonic clock stands. */
  jump(milliseconds: number): void {
    this.#wall += milliseconds;
  }
}

/** Lets every promise that can settle do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 40; turn++) await null;
}
