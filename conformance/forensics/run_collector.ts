import { ENCODINGS, type Encoding } from "./encodings.ts";

/** Residue of one needle at one place, not yet described. */
export interface Run {
  readonly needle: number;
  readonly encoding: Encoding;
  readonly start: number;
  readonly end: number;
  readonly coveredBytes: number;
}

/**
 * Gathers what the searches report, and makes one run of what is one copy in memory.
 *
 * The searches report a run once for each anchor in it, cut short at the border of a window and whole
 * in the next one, and in each form that reads the same bytes alike (base64 and base64url, hex in
 * lower and upper case where it has no letters). A run that lies inside another one of the same
 * needle is dropped; of two at the same place, the one that covers more, then the first encoding, stays.
 */
export class RunCollector {
  readonly #runs = new Map<string, Run>();
  readonly #most: number;
  #full = false;

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether runs were left out because there were more than the caller wanted. */
  get full(): boolean {
    return this.#full;
  }

  add(needle: number, encoding: Encoding, start: number, end: number, coveredBytes: number): void {
    const key = `${needle} ${encoding} ${start} ${end}`;
    const known = this.#runs.get(key);
    if (known !== undefined && known.coveredBytes >= coveredBytes) return;
    if (known === undefined && this.#runs.size >= this.#most) this.#full = true;
    else this.#runs.set(key, { needle, encoding, start, end, coveredBytes });
  }

  /** The runs by address; those inside another run of the same needle are left out. */
  finish(): Run[] {
    const sorted = [...this.#runs.values()].sort(
      (a, b) =>
        a.start - b.start ||
        b.end - a.end ||
        a.needle - b.needle ||
        b.coveredBytes - a.coveredBytes ||
        ENCODINGS.indexOf(a.encoding) - ENCODINGS.indexOf(b.encoding),
    );
    const reached = new Map<number, number>();
    return sorted.filter(({ needle, end }) => {
      const inside = end <= (reached.get(needle) ?? 0);
      if (!inside) reached.set(needle, end);
      return !inside;
    });
  }
}
