import type { Finding, Mapping, ScanReport } from "./report.ts";

/**
 * One line that says where residue lies, never what it is.
 *
 * @returns text without a byte of the needle; it never throws
 *
 * @example
 * ```ts
 * import { spawn } from "node:child_process";
 * import { derivedNeedle, formatFinding, scanProcess } from "lethe/conformance";
 *
 * const child = spawn("sleep", ["60"]);
 * const result = scanProcess(child.pid ?? 0, [derivedNeedle(42, 32)]);
 * const findings = result.outcome === "scanned" ? result.findings : [];
 * for (const finding of findings) console.log(formatFinding(finding));
 * child.kill();
 * ```
 */
export function formatFinding({
  needle,
  encoding,
  address,
  coveredBytes,
  complete,
  mapping,
  protection,
}: Finding): string {
  const extent = complete ? `all ${coveredBytes} bytes` : `${coveredBytes} bytes`;
  return `${needle}: ${extent} as ${encoding} at ${hex(address)}, ${protection} in ${formatMapping(mapping)}`;
}

/**
 * A report as text: residue first, then how far the scan could see.
 *
 * Memory that could not be read is listed one by one, skipped memory is summed up by reason.
 *
 * @returns text without a byte of a needle; it never throws
 *
 * @example
 * ```ts
 * import { spawn } from "node:child_process";
 * import { derivedNeedle, formatReport, scanProcess } from "lethe/conformance";
 *
 * const child = spawn("sleep", ["60"]);
 * const result = scanProcess(child.pid ?? 0, [derivedNeedle(42, 32)]);
 * if (result.outcome === "scanned") console.log(formatReport(result)); // "no residue found" ...
 * child.kill();
 * ```
 */
export function formatReport(report: ScanReport): string {
  const { findings, truncated, skipped, unreadable, source, pid, path } = report;
  const sums = new Map<string, { count: number; byteLength: number }>();
  for (const { reason, byteLength } of skipped) {
    const sum = sums.get(reason) ?? { count: 0, byteLength: 0 };
    sums.set(reason, { count: sum.count + 1, byteLength: sum.byteLength + byteLength });
  }
  return [
    `${source} ${pid ?? path}: ${findings.length === 0 ? "no residue found" : `residue in ${findings.length} places`}${truncated ? ", and more that was left out" : ""}`,
    ...findings.map((finding) => `  ${formatFinding(finding)}`),
    `read: ${size(report.bytesScanned)} in ${report.mappingsScanned} mappings, ${report.encodings} encodings, ${report.durationMs.toFixed(0)} ms`,
    ...[...sums].map(
      ([reason, { count, byteLength }]) =>
        `skipped, ${reason}: ${count} mappings, ${size(byteLength)}`,
    ),
    ...unreadable.map(
      ({ mapping, reason, byteLength }) =>
        `not readable, ${reason}: ${size(byteLength)} in ${formatMapping(mapping)}`,
    ),
  ].join("\n");
}

/**
 * A report as JSON: addresses, which JSON has no numbers for, become texts such as
 * `0x7f1c00000000`.
 *
 * @returns text without a byte of a needle; it never throws
 *
 * @example
 * ```ts
 * import { spawn } from "node:child_process";
 * import { derivedNeedle, reportToJson, scanProcess } from "lethe/conformance";
 *
 * const child = spawn("sleep", ["60"]);
 * const result = scanProcess(child.pid ?? 0, [derivedNeedle(42, 32)]);
 * if (result.outcome === "scanned") console.log(reportToJson(result));
 * child.kill();
 * ```
 */
export function reportToJson(report: ScanReport, indent: number = 2): string {
  return JSON.stringify(
    report,
    (_, value: unknown) => (typeof value === "bigint" ? hex(value) : value),
    indent,
  );
}

function formatMapping({ start, end, permissions, name, flags }: Mapping): string {
  const told = flags.filter((flag) => TELLING_FLAGS.includes(flag)).join(" ");
  const parts = [
    `${hex(start)}-${hex(end)}`,
    permissions,
    name === "" ? "(anonymous)" : name,
    told,
  ];
  return parts.filter((part) => part !== "").join(" ");
}

/** Of `VmFlags`: locked, not dumped, not forked, wiped on fork. */
const TELLING_FLAGS = ["lo", "dd", "dc", "wf"];

function hex(address: bigint): string {
  return `0x${address.toString(16)}`;
}

function size(byteLength: number): string {
  return byteLength < 1e6 ? `${byteLength} bytes` : `${(byteLength / 1e6).toFixed(1)} MB`;
}
