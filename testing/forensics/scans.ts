import type { Needle } from "../../conformance/forensics/needle.ts";
import type { ScanReport } from "../../conformance/forensics/report.ts";
import { type ScanProcessOptions, scanProcess } from "../../conformance/forensics/scan_process.ts";

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
