import { arch, platform, release } from "node:os";
import { findRuntimes, type InstalledRuntime } from "../runtimes.ts";
import type { LeftOut } from "../search_path.ts";
import { type Condition, readConditions } from "./environment.ts";
import { type Automatic, type Examination, examine, listMemories } from "./examine.ts";

/** All that a run of doctor found out. `--json` prints it as it stands. */
export interface Diagnosis {
  readonly machine: string;
  readonly runtimes: readonly InstalledRuntime[];
  /** Programs on PATH with the name of a runtime that were not started. */
  readonly leftOut: readonly LeftOut[];
  /** By the title of the runtime. */
  readonly automatic: Readonly<Record<string, Automatic>>;
  readonly examinations: readonly Examination[];
  readonly conditions: readonly Condition[];
  /** Claims that were refuted, steps that failed and examinations that broke off. Empty is health. */
  readonly failures: readonly string[];
  /** Milliseconds. */
  readonly duration: number;
}

/**
 * Examines every memory of every runtime on this machine, one after another.
 *
 * @param named files of runtimes to examine beside those that are found
 * @param say is told what is being done
 */
export async function diagnose(
  named: readonly string[],
  say: (what: string) => void,
): Promise<Diagnosis> {
  const start = performance.now();
  say("looking for runtimes");
  const { runtimes, leftOut } = await findRuntimes(named);
  const automatic: Record<string, Automatic> = Object.create(null);
  const examinations: Examination[] = [];
  const failures: string[] = [];
  for (const runtime of runtimes) {
    say(`${runtime.title}: asking for its memories`);
    const { memories, failure, automatic: taken } = await listMemories(runtime);
    if (taken !== null) automatic[runtime.title] = taken;
    if (failure !== null) failures.push(`${runtime.title} was not examined: ${failure}`);
    for (const memory of memories) {
      say(`${runtime.title}: watching a secret live and die in ${memory} memory`);
      examinations.push(await examine(runtime, memory));
    }
  }
  return {
    machine: `${platform()} ${release()} ${arch()}`,
    runtimes,
    leftOut,
    automatic,
    examinations,
    conditions: readConditions(),
    failures: [...failures, ...examinations.flatMap(failuresOf), ...nothingIn(examinations)],
    duration: performance.now() - start,
  };
}

/** A run that saw no secret live and die proves nothing, whatever did not fail in it. */
function nothingIn(examinations: readonly Examination[]): readonly string[] {
  const examined = examinations.filter(({ unavailable }) => unavailable === null);
  if (examined.length === 0)
    return ["nothing was examined: no memory of any runtime could be opened"];
  const blind = examined.map((examination) => examination.blind);
  return blind.includes(null) ? [] : [`nothing was inspected from outside: ${blind[0]}`];
}

function failuresOf(examination: Examination): readonly string[] {
  const { runtime, memory, guarantees, steps, broken, unavailable } = examination;
  const found = [
    ...(broken ? [String(unavailable)] : []),
    ...steps.filter(({ holds }) => !holds).map(({ name, evidence }) => `${name}: ${evidence}`),
    ...guarantees
      .filter(({ verdict }) => verdict === "refuted")
      .map(({ name, evidence }) => `${name} refuted: ${evidence}`),
  ];
  return found.map((what) => `${runtime}, ${memory} memory: ${what}`);
}
