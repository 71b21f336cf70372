import { derivedNeedle, scanProcess } from "../../../conformance/mod.ts";
import type { Job } from "./probe.ts";
import { startProbe } from "./run_probe.ts";

/** With the wrapper gone; and with it alive, where its own copy of the PIN lies in pages that no scan can read. */
export const STATES = [
  ["rounds", "pages"],
  ["keep", "secretmem"],
] as const;

/** What a scan finds. */
export interface Left {
  /** Copies of the file key. */
  readonly key: number;
  /** Copies of the PIN. */
  readonly pin: number;
  readonly memory: string;
}

/** Scans a process of a runtime after twenty rounds. */
export async function leftBy(
  runtime: string,
  variables: readonly string[],
  given: Job,
  pin: string,
): Promise<Left> {
  const target = await startProbe(runtime, variables, { ...given, rounds: 20 });
  try {
    const { outcome, memory } = target.said;
    if (outcome !== "ok") throw new Error(`it does not work: ${JSON.stringify(outcome)}`);
    const needles = [
      derivedNeedle(given.seed, 16, "file key"),
      { label: "PIN", bytes: new Uint8Array(Buffer.from(pin)) },
      derivedNeedle(given.seed + 1, 512, "witness"),
    ];
    const report = scanProcess(target.pid, needles);
    if (report.outcome !== "scanned") throw new Error(report.reason);
    const count = (label: string): number =>
      report.findings.filter(({ needle }) => needle === label).length;
    if (count("witness") === 0) throw new Error("the scan does not see its witness");
    return { key: count("file key"), pin: count("PIN"), memory };
  } finally {
    await target.stop();
  }
}
