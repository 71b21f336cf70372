/** The switches of the mutants, in the process that runs the tests. */

/** A mutant that makes mutated code run this many times as often as without it has made a loop endless. */
const ENDLESS = 20;
const FEWEST = 200_000;

const NONE = -1;

class Switches {
  active: number = NONE;
  #left = 0;
  #counts: Uint32Array = new Uint32Array(4096);

  /** Called by mutated code. An arrow function: it is taken off the object. */
  readonly reached = (id: number): boolean => {
    if (id >= this.#counts.length) this.#grow(id);
    this.#counts[id] = (this.#counts[id] ?? 0) + 1;
    if (this.active === NONE) return false;
    this.#left -= 1;
    if (this.#left < 0) throw new Error("A mutant runs in circles");
    return id === this.active;
  };

  #grow(id: number): void {
    const longer = new Uint32Array(2 * id);
    longer.set(this.#counts);
    this.#counts = longer;
  }

  /** @param usualCount how often all mutants are reached without one */
  activate(id: number, usualCount: number): void {
    this.active = id;
    this.#left = ENDLESS * usualCount + FEWEST;
  }

  /** How often each mutant was reached since the last call. */
  takeCounts(): ReadonlyMap<number, number> {
    const counts = new Map<number, number>();
    this.#counts.forEach((count, id) => {
      if (count > 0) counts.set(id, count);
    });
    this.#counts.fill(0);
    return counts;
  }
}

const holder = globalThis as { __mutation__?: Switches };
/** One for the process: the mutated modules and the runner are loaded by different hands. */
export const SWITCHES: Switches = holder.__mutation__ ?? new Switches();
holder.__mutation__ = SWITCHES;
