/** What a limit of the system is, and how much of it the process has used up. */
export interface Reading {
  readonly limit: number;
  readonly used: number;
}

/**
 * Shares of a limit that the whole process lives under, such as locked memory or mappings.
 *
 * - METER-1: a share is granted only while the process as a whole stays below the limit
 * - METER-2: the last sixteenth (and never less than `smallestReserve`) is left to everybody else
 * - METER-3: reading the system is slow, so half of the room is taken over at once and handed out from
 *   here; other parts of the process may use up the rest, but never unseen for longer
 *
 * A grant is a forecast. The system call that follows may still fail, and its caller handles that.
 */
export class Meter {
  readonly #read: () => Reading;
  readonly #smallestReserve: number;
  #last: Reading = { limit: 0, used: 0 };
  #leased = 0;

  constructor(read: () => Reading, smallestReserve: number) {
    this.#read = read;
    this.#smallestReserve = smallestReserve;
  }

  /** The reading that the last grant or refusal rests on. */
  get last(): Reading {
    return this.#last;
  }

  /** Grants `amount`, or refuses. */
  take(amount: number): boolean {
    if (this.#leased < amount) {
      const room = this.#room();
      if (room < amount) {
        this.#leased = 0;
        return false;
      }
      this.#leased = Math.max(amount, Math.floor(room / 2));
    }
    this.#leased -= amount;
    return true;
  }

  /** Takes back what was granted and is no longer used. */
  give(amount: number): void {
    this.#leased += amount;
  }

  /** Drops what was taken over in advance, so that the next grant reads the system again. */
  forget(): void {
    this.#leased = 0;
  }

  /** How much could still be granted, read afresh. */
  room(): number {
    return Math.max(0, this.#room());
  }

  /** What is left to others: see METER-2. */
  reserve(limit: number): number {
    return limit === Infinity ? 0 : Math.max(this.#smallestReserve, Math.floor(limit / 16));
  }

  #room(): number {
    this.#last = this.#read();
    const { limit, used } = this.#last;
    return limit === Infinity ? Infinity : limit - this.reserve(limit) - used;
  }
}
