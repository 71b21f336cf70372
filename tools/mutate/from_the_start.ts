/**
 * Mutants in what runs while a module loads: every module is loaded again for each of them, in one process.
 *
 * The first round has no mutant and shows which tests are quick enough. A mutant is killed when the file does not
 * load, or a test fails that passes right afterwards without it; where it does not, the rest takes a new process.
 */
import { SWITCHES } from "./reached.ts";
import { ALIVE, type Ending, JOB, report, STATE, Stopwatch } from "./worker.ts";

/** As good as endless for what runs while modules load. */
const MANY = 100_000;
/** All tests of a file that run for each mutant take no longer than this together. */
const MOST_MILLISECONDS = 1_000;

export interface StartRun {
  /** Whether this test takes part in the round that runs now. */
  takes(name: string): boolean;
  begin(): void;
  end(name: string, ending: Ending): void;
  /** Runs the round of each mutant. @param load loads every module again, and says why that failed */
  mutants(load: () => Promise<string | null>): Promise<void>;
}

class Rounds implements StartRun {
  /** Tests that run for each mutant. */
  readonly #tests = new Set<string>();
  #spent = 0;
  #watch = new Stopwatch();
  #isFirst = true;
  /** The one test that this round is for. */
  #only: string | null = null;
  #failure: { readonly name: string; readonly ending: Ending } | null = null;

  takes(name: string): boolean {
    if (this.#isFirst) return !JOB.finished.includes(name);
    if (this.#failure !== null) return false;
    return this.#only === null ? this.#tests.has(name) : this.#only === name;
  }

  begin(): void {
    this.#watch = new Stopwatch();
  }

  end(name: string, ending: Ending): void {
    if (!this.#isFirst) {
      if (!ending.passed) this.#failure ??= { name, ending };
      return;
    }
    const { cost } = this.#watch;
    if (!ending.passed && !ending.timedOut) report({ failed: name, why: ending.why });
    else if (cost <= JOB.slowest && this.#spent + cost <= MOST_MILLISECONDS) {
      this.#spent += cost;
      this.#tests.add(name);
    }
  }

  async mutants(load: () => Promise<string | null>): Promise<void> {
    this.#isFirst = false;
    for (const id of ALIVE) {
      report({ begin: id });
      SWITCHES.activate(id, MANY);
      const failure = await this.#round(load, null);
      SWITCHES.active = -1;
      if (failure === null) {
        report({ passed: id });
        continue;
      }
      const after = await this.#round(load, failure.name);
      STATE.isBeyondRepair = after !== null;
      // The first mutant of a process stands by the round before it.
      const isCertain = after === null || id === JOB.alive[0];
      if (isCertain) report({ killed: id, by: failure.name, timedOut: failure.ending.timedOut });
      if (STATE.isBeyondRepair) return;
    }
  }

  async #round(load: () => Promise<string | null>, only: string | null): Promise<Failure | null> {
    this.#only = only;
    this.#failure = null;
    const why = await load();
    if (why === null) return this.#failure;
    return { name: "(loading)", ending: { passed: false, timedOut: false, why } };
  }
}

interface Failure {
  readonly name: string;
  readonly ending: Ending;
}

export const startRun = (): StartRun => new Rounds();
