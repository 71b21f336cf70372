/**
 * Looks for copies of secrets in the memory of other processes, in core files and in other files.
 *
 * A needle is a secret to look for, residue a whole or partial copy of it in any encoding, a finding
 * says where residue lies. No finding, message or report ever holds the bytes.
 *
 * @module
 */
export { derivedNeedle, deriveInto, mask, unmask } from "./derived_needle.ts";
export { ENCODINGS, type Encoding, type NumberEncoding, type TextEncoding } from "./encodings.ts";
export { expectNoResidue, type NoResidueExpectation } from "./expect_no_residue.ts";
export type { Extent } from "./extents.ts";
export { ForensicsError, type ForensicsErrorCode } from "./forensics_error.ts";
export { formatFinding, formatReport, reportToJson } from "./format_report.ts";
export { DEFAULT_FRAGMENT_BYTES, LONGEST_NEEDLE, type Needle, SHORTEST_NEEDLE } from "./needle.ts";
export type {
  Finding,
  Mapping,
  MappingProtection,
  ScanReport,
  ScanResult,
  ScanUnsupported,
  SkippedMapping,
  SkipReason,
  UnreadableMapping,
  UnreadableReason,
} from "./report.ts";
export { type ScanCoreOptions, scanCore } from "./scan_core.ts";
export { scanFile } from "./scan_file.ts";
export type { ScanOptions } from "./scan_options.ts";
export { type ScanProcessOptions, scanProcess } from "./scan_process.ts";
