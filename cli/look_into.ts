import { type Needle, type ScanReport, scanProcess } from "../conformance/mod.ts";
import { wipeBytes } from "../core/mod.ts";

/**
 * Scans a process for needles, which are wiped afterwards.
 *
 * @returns the report, or why the process cannot be looked into
 */
export function lookInto(
  pid: number,
  needles: readonly Needle[],
  pause: boolean = false,
): ScanReport | string {
  try {
    const result = scanProcess(pid, needles, { pause });
    return result.outcome === "scanned" ? result : result.reason;
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    if (code.startsWith("ERR_FORENSICS_")) return message;
    throw error;
  } finally {
    for (const { bytes } of needles) wipeBytes(bytes);
  }
}
