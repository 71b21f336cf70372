import { derivedNeedle, scanProcess } from "../../../conformance/mod.ts";
import { startWaiting } from "../key_files/children.ts";
import { COMMANDS } from "../pkcs11/run_probe.ts";
import type { Job } from "./probe.ts";

const PROBE = new URL("./probe.ts", import.meta.url).pathname;

/** What a probe said, and what a scan found of the file key in it. */
export interface Probed {
  readonly outcome: unknown;
  readonly faults: readonly unknown[];
  readonly memory: string;
  readonly live: number;
  readonly left: number;
}

/** Runs a job in a runtime, and scans the process before it ends. */
export async function probe(runtime: string, job: Job): Promise<Probed> {
  const command = [...(COMMANDS[runtime] ?? []), PROBE, JSON.stringify(job)];
  const target = await startWaiting<Omit<Probed, "left">>(command);
  try {
    const needles = [
      derivedNeedle(job.seed, 16, "file key"),
      derivedNeedle(job.seed + 1, 512, "witness"),
    ];
    const report = scanProcess(target.pid, needles);
    if (report.outcome !== "scanned") throw new Error(report.reason);
    const count = (label: string): number =>
      report.findings.filter(({ needle }) => needle === label).length;
    if (count("witness") === 0) throw new Error("the scan does not see its witness");
    return { ...target.said, left: count("file key") };
  } finally {
    await target.stop();
  }
}
