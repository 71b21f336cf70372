import type { Needle } from "./needle.ts";
import type { ScanReport } from "./report.ts";
import { type ScanProcessOptions, scanProcess } from "./scan_process.ts";

/** A scan of a process on a system that is known to allow it. */
export function scanned(
  pid: number,
  needles: readonly Needle[],
  options: ScanProcessOptions = {},
): ScanReport {
  const report = scanProcess(pid, needles, options);
  if (report.outcome !== "scanned") throw new Error(report.reason);
  return report;
}
