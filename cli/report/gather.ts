import { arch, cpus, platform, release } from "node:os";
import { type Condition, readConditions } from "../doctor/environment.ts";
import { copiesAt, type Residue, surveyResidue } from "../residue/survey.ts";
import { findRuntimes } from "../runtimes.ts";
import { browserColumn } from "./browser.ts";
import { type Column, columnsOf } from "./column.ts";
import { workerdColumn } from "./workerd.ts";

/** All that a run of the report found out. */
export interface Findings {
  /** ISO 8601, UTC. */
  readonly made: string;
  readonly machine: string;
  readonly conditions: readonly Condition[];
  readonly columns: readonly Column[];
  readonly residue: readonly Residue[];
  /** Seconds. */
  readonly duration: number;
}

/** Programs that the user named, beside those that are found. */
export interface Named {
  readonly runtimes: readonly string[];
  readonly workerd: string | undefined;
}

/** Runs the suite over every memory of every runtime here, and the residue survey. */
export async function gather(named: Named, say: (what: string) => void): Promise<Findings> {
  const start = performance.now();
  const { runtimes } = await findRuntimes(named.runtimes);
  const columns: Column[] = [];
  for (const runtime of runtimes) columns.push(...(await columnsOf(runtime, say)));
  columns.push(await workerdColumn(named.workerd, say), await browserColumn(say));
  const residue = await surveyResidue(runtimes, say);
  return {
    made: new Date().toISOString(),
    machine: `${platform()} ${release()} ${arch()}, ${cpus().length} cores`,
    conditions: readConditions(),
    columns,
    residue,
    duration: (performance.now() - start) / 1000,
  };
}

/** What is not as promised: refuted requirements, suites that broke off, copies that Lethe left. */
export function failuresOf({ columns, residue }: Findings): readonly string[] {
  const refuted = columns.flatMap(({ runtime, memory, report, failure, broken }) => [
    ...(report?.failed ?? []).map((id) => `${runtime}, ${memory} memory: ${id} failed`),
    ...(broken ? [`${runtime}, ${memory} memory: ${failure}`] : []),
  ]);
  const ours = residue.filter(({ approach }) => approach.ours);
  const nothing = [
    ...(columns.some(({ report }) => report !== null) ? [] : ["no memory was held to the suite"]),
    ...(ours.length > 0 ? [] : ["no process was looked into for residue"]),
  ];
  const left = ours.flatMap((result) => {
    const name = `${result.runtime}, ${result.approach.title}`;
    if (result.failure !== null) return [`${name}, residue: ${result.failure}`];
    const copies = copiesAt(result, "ended") + copiesAt(result, "later");
    return copies === 0 ? [] : [`${name}: ${copies} copies after destroy`];
  });
  return [...nothing, ...refuted, ...left];
}
