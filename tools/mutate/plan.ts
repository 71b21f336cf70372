/** What one test is run for, attempt by attempt, without loading anything again. */
import { TIME_LIMIT } from "./job.ts";
import { SWITCHES } from "./reached.ts";
import { ALIVE, type Ending, JOB, KNOWN, type Known, report, STATE, Stopwatch } from "./worker.ts";

/** A test that takes this part of the limit without a mutant may run into it because of the machine. */
const TOO_CLOSE = TIME_LIMIT / 4;

type Step = "first" | "second" | "mutant" | "clean" | "over";

/**
 * The attempts of a test: two without a mutant, and then one for each mutant.
 *
 * - a mutant is killed only if the attempt right before it had no mutant, and passed: when it fails after
 *   another mutant, the test runs without one, and then once more with it
 * - when a test does not pass any more without a mutant, the file is loaded again, and goes on where it was
 */
export class Plan {
  step: Step = "first";
  #known: Known = { counts: new Map(), total: 0, survived: new Set(), isLeftOut: false };
  #queue: number[] = [];
  #current = -1;
  #watch = new Stopwatch();
  /** Whether the last attempt had no mutant. */
  #isClean = true;
  /** Ran into the time limit: it counts if the test is quick right afterwards. */
  #timedOut: number | null = null;
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
    const before = KNOWN.get(name);
    if (before === undefined) return;
    this.#known = before;
    this.#fill();
    if (before.isLeftOut || this.#queue.length === 0) this.step = "over";
  }

  begin(): void {
    this.#watch = new Stopwatch();
    if (this.step === "first") {
      reportStart();
      report({ test: this.#name });
    } else if (this.step === "mutant") {
      this.#current = this.#queue.pop() ?? -1;
      STATE.hasRun = true;
      report({ begin: this.#current });
      SWITCHES.activate(this.#current, this.#known.total);
    }
  }

  end(ending: Ending): void {
    const { cost, waited } = this.#watch;
    SWITCHES.active = -1;
    if (this.step === "first") this.#endFirst(ending, cost);
    else if (this.step === "second") this.#endSecond(ending);
    else if (this.step === "mutant") this.#endMutant(ending);
    else if (this.step === "clean") this.#endClean(ending, waited);
    if (STATE.isSpoiled) this.step = "over";
    else if (this.step === "mutant" && this.#queue.length === 0) this.#finish();
    SWITCHES.takeCounts();
  }

  #endFirst({ passed, timedOut, why }: Ending, milliseconds: number): void {
    const { hasRun, rounds } = STATE;
    if (!passed && (hasRun || rounds > 0)) {
      STATE.isSpoiled = true;
      STATE.isBeyondRepair = !hasRun;
      return;
    }
    if (!KNOWN.has(this.#name)) {
      const counts = SWITCHES.takeCounts();
      const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
      this.#known = { counts, total, survived: new Set(), isLeftOut: false };
      KNOWN.set(this.#name, this.#known);
      report({ reached: [...counts.keys()], by: this.#name, cost: milliseconds });
    }
    this.#fill();
    if (!passed && !timedOut) this.#fail(why);
    else if (milliseconds > JOB.slowest) this.#leaveOut("slow", milliseconds);
    else if (milliseconds <= JOB.fastest) this.#known.isLeftOut = true;
    const isNeeded = !this.#known.isLeftOut && this.#queue.length > 0;
    this.step = isNeeded ? "second" : "over";
  }

  /** What only the first attempt reaches ran while something was loaded, or filled in once. */
  #endSecond({ passed }: Ending): void {
    this.step = passed ? "mutant" : "over";
    const { counts } = this.#known;
    const again = SWITCHES.takeCounts();
    const once = [...counts.keys()].filter((id) => !passed || !again.has(id));
    if (once.length > 0) report({ reached: once, by: null, cost: 0 });
    this.#known.counts = new Map([...counts].filter(([id]) => !once.includes(id)));
    this.#fill();
    if (!passed) this.#leaveOut("not the same twice", 0);
  }

  #endMutant({ passed, timedOut }: Ending): void {
    if (passed) {
      this.#known.survived.add(this.#current);
      this.#isClean = false;
      return;
    }
    this.step = "clean";
    if (!this.#isClean) this.#queue.push(this.#current);
    else if (timedOut) this.#timedOut = this.#current;
    else this.#kill(this.#current, false);
  }

  #endClean({ passed }: Ending, milliseconds: number): void {
    STATE.isSpoiled = !passed;
    this.#isClean = true;
    this.step = "mutant";
    if (this.#timedOut === null) return;
    if (passed && milliseconds > TOO_CLOSE) this.#known.survived.add(this.#timedOut);
    else this.#kill(this.#timedOut, true);
    this.#timedOut = null;
  }

  #kill(id: number, timedOut: boolean): void {
    ALIVE.delete(id);
    report({ killed: id, by: this.#name, timedOut });
  }

  #finish(): void {
    this.step = "over";
    this.#known.isLeftOut = true;
    report({ finished: this.#name });
  }

  #fill(): void {
    const { counts, survived } = this.#known;
    this.#queue = [...ALIVE].filter((id) => counts.has(id) && !survived.has(id));
  }

  #fail(why: string): void {
    this.#known.isLeftOut = true;
    report({ failed: this.#name, why });
  }

  #leaveOut(why: string, milliseconds: number): void {
    this.#known.isLeftOut = true;
    report({ leftOut: this.#name, why, milliseconds });
  }
}

/** What ran before the first test did so while modules were loaded. */
function reportStart(): void {
  const reached = [...SWITCHES.takeCounts().keys()];
  if (STATE.rounds === 0 && (!STATE.isStarted || reached.length > 0)) {
    report({ reached, by: null, cost: 0 });
  }
  STATE.isStarted = true;
}
