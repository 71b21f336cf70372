import { ForensicsError } from "./forensics_error.ts";
import { formatFinding, formatReport } from "./format_report.ts";
import type { Needle } from "./needle.ts";
import type { ScanReport, ScanResult } from "./report.ts";
import { scanCore } from "./scan_core.ts";
import { scanFile } from "./scan_file.ts";
import { own } from "./scan_options.ts";
import { type ScanProcessOptions, scanProcess } from "./scan_process.ts";

/** Where there must be no residue, and of what. */
export type NoResidueExpectation = ScanProcessOptions & {
  readonly needle: Needle | readonly Needle[];
  /**
   * A needle that must be found, put where it cannot be missed: the proof that the scan sees. Without
   * it, a scan of the wrong process or of a dead one passes.
   */
  readonly witness?: Needle;
  /** Accepts memory that the kernel refused to read. By default that is `ERR_FORENSICS_BLIND`. */
  readonly allowRefused?: boolean;
} & (
    | { readonly pid: number; readonly core?: never; readonly file?: never }
    | { readonly core: string; readonly pid?: never; readonly file?: never }
    | { readonly file: string; readonly pid?: never; readonly core?: never }
  );

/**
 * Throws unless a scan of a process, core file or plain file finds no residue of `needle`.
 *
 * ```ts
 * const needle = derivedNeedle(42, 32); // the target has deriveInto(42, bytes)
 * expectNoResidue({ pid: child.pid, needle, witness: derivedNeedle(43, 32) });
 * ```
 *
 * It promises that every copy in a known encoding that the scan could read would have been found. It
 * throws as well when it could not see: another system than Linux, no witness found, nothing read, a
 * core file cut short, memory refused. It does not promise anything about memfd_secret and device
 * memory, which nobody can read, nor about what {@link scanProcess} says that it does not see.
 *
 * It is done when it returns: no `await` to forget. {@link scanProcess} says which copies this process
 * itself holds.
 *
 * @returns the report of the scan
 * @throws {ForensicsError} `ERR_FORENSICS_RESIDUE` listing where each copy lies, never the bytes;
 * `ERR_FORENSICS_UNSUPPORTED`, `ERR_FORENSICS_BLIND`, and what the scan itself throws
 */
export function expectNoResidue(expectation: NoResidueExpectation): ScanReport {
  const given = own(expectation);
  const { needle, witness, allowRefused = false } = given;
  const needles = Array.isArray(needle) ? (needle as readonly Needle[]) : [needle as Needle];
  if (witness !== undefined && needles.some(({ label }) => label === witness.label)) {
    throw new TypeError("Cannot expect no residue as the witness has the label of a needle");
  }
  const result = scan(given, witness === undefined ? needles : [...needles, witness]);
  if (result.outcome === "unsupported") {
    const message = `Cannot verify that there is no residue: ${result.reason}`;
    throw new ForensicsError("ERR_FORENSICS_UNSUPPORTED", message);
  }
  const residue = result.findings.filter((finding) => finding.needle !== witness?.label);
  if (residue.length > 0) {
    const places = residue.map((finding) => `  ${formatFinding(finding)}`).join("\n");
    const message = `Residue in ${residue.length} places:\n${places}`;
    throw new ForensicsError("ERR_FORENSICS_RESIDUE", message, residue);
  }
  const reason = blindness(result, witness, allowRefused);
  if (reason !== null) {
    const message = `Cannot verify that there is no residue: ${reason}\n${formatReport(result)}`;
    throw new ForensicsError("ERR_FORENSICS_BLIND", message);
  }
  return result;
}

function scan(expectation: NoResidueExpectation, needles: readonly Needle[]): ScanResult {
  const { pid, core, file } = expectation;
  const given = [pid, core, file].filter((target) => target !== undefined).length;
  if (given !== 1)
    throw new TypeError("Cannot expect no residue as one of pid, core and file must be given");
  if (core !== undefined) return scanCore(core, needles, expectation);
  if (file !== undefined) return scanFile(file, needles, expectation);
  return scanProcess(pid as number, needles, expectation);
}

/** Why the report is not proof of absence, or null. */
function blindness(
  report: ScanReport,
  witness: Needle | undefined,
  allowRefused: boolean,
): string | null {
  const { findings, bytesScanned, truncated, unreadable } = report;
  if (bytesScanned === 0) return "nothing could be read";
  if (
    witness !== undefined &&
    !findings.some(({ needle, complete }) => needle === witness.label && complete)
  ) {
    return `the witness ${witness.label} was not found`;
  }
  if (truncated) return "copies of the witness were so many that others may have been left out";
  if (unreadable.some(({ reason }) => reason === "truncated-file")) return "the file is cut short";
  if (!allowRefused && unreadable.some(({ reason }) => reason === "refused")) {
    return "the system refused to read memory that may hold it";
  }
  return null;
}
