/** What the worker was asked, what it has found out so far, and how it says so. */
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { JOB_FOLDER, type Job, type Progress } from "./job.ts";

const folder = process.env[JOB_FOLDER] ?? ".";

export const JOB: Job = JSON.parse(readFileSync(join(folder, "job.json"), "utf8")) as Job;
export const ALIVE: Set<number> = new Set(JOB.alive);

export function report(line: Progress): void {
  appendFileSync(join(folder, "progress.jsonl"), `${JSON.stringify(line)}\n`);
}

/** What is known of a test, also when its file was loaded again. */
export interface Known {
  counts: ReadonlyMap<number, number>;
  /** Of all counts at first. */
  readonly total: number;
  readonly survived: Set<number>;
  isLeftOut: boolean;
}

export const KNOWN: Map<string, Known> = new Map();
for (const name of JOB.finished) {
  KNOWN.set(name, { counts: new Map(), total: 0, survived: new Set(), isLeftOut: true });
}

export interface WorkerState {
  /** The file is not run further until it is loaded again. */
  isSpoiled: boolean;
  /** Loading it again did not help: the rest takes a new process. */
  isBeyondRepair: boolean;
  /** How often the file was loaded again. */
  rounds: number;
  isStarted: boolean;
  /** Whether a mutant ran since the file was loaded. */
  hasRun: boolean;
}

export const STATE: WorkerState = {
  isSpoiled: false,
  isBeyondRepair: false,
  rounds: 0,
  isStarted: false,
  hasRun: false,
};

/** How one attempt of a test ended. */
export interface Ending {
  readonly passed: boolean;
  readonly timedOut: boolean;
  readonly why: string;
}

const TIME_IS_OVER = /^(?:Test|Hook) timed out in |A mutant runs in circles/;

export function endingOf(
  state: string | undefined,
  errors: readonly { message: string }[],
): Ending {
  const messages = errors.map(({ message }) => message);
  return {
    passed: state !== "fail",
    timedOut: messages.some((message) => TIME_IS_OVER.test(message)),
    why: messages[0] ?? "",
  };
}

/** What a test costs on a machine that does nothing else, as near as can be said on one that does. */
export class Stopwatch {
  readonly #start: number = performance.now();
  readonly #busy: NodeJS.CpuUsage = process.cpuUsage();

  /** As a clock on the wall. */
  get waited(): number {
    return performance.now() - this.#start;
  }

  /** The time of the processor; a test that sleeps uses none, so that a part of what it waited counts as well. */
  get cost(): number {
    const { user, system } = process.cpuUsage(this.#busy);
    return Math.max((user + system) / 1000, this.waited / BUSIEST);
  }
}

/** Others may have so much of the machine. */
const BUSIEST = 8;
