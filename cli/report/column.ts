import type { Report } from "../../conformance/mod.ts";
import { listMemories } from "../doctor/examine.ts";
import type { InstalledRuntime } from "../runtimes.ts";
import { withProbe } from "../session.ts";

/** One memory on one runtime: what the suite saw there. */
export interface Column {
  /** `node 24.21.0` */
  readonly runtime: string;
  readonly memory: string;
  readonly report: Report | null;
  /** Why the suite could not be run. Empty when it was. */
  readonly failure: string;
  /** True when it was begun and broke off, which is a failure; a memory that is not there is none. */
  readonly broken: boolean;
}

/** Milliseconds that the suite may take over one memory. Endurance is the longest of its cases. */
const PATIENCE = 300_000;

/** Runs the suite over every memory that `runtime` offers. */
export async function columnsOf(
  runtime: InstalledRuntime,
  say: (what: string) => void,
): Promise<readonly Column[]> {
  const { memories, failure } = await listMemories(runtime);
  if (failure !== null) {
    return [{ runtime: runtime.title, memory: "", report: null, failure, broken: true }];
  }
  const columns: Column[] = [];
  for (const memory of memories) {
    say(`${runtime.title}: running the suite over ${memory} memory`);
    columns.push(await columnOf(runtime, memory));
  }
  return columns;
}

export function columnOf(runtime: InstalledRuntime, memory: string): Promise<Column> {
  const probe = { program: "./report/suite", parameters: [memory], patience: PATIENCE };
  return withProbe(runtime, probe, async (session): Promise<Column> => {
    const about = { runtime: runtime.title, memory };
    const message = await session.next();
    if (message?.step === "report") {
      const report = message["report"] as Report;
      if (report.guarantees !== null) return { ...about, report, failure: "", broken: false };
      const failure = report.results[0]?.reason ?? "it is not available";
      return { ...about, report: null, failure, broken: false };
    }
    const failure = session.reason || "the suite ended without a report";
    return { ...about, report: null, failure, broken: true };
  });
}
