import type { Finding, ScanReport } from "../../conformance/mod.ts";
import { GUARANTEE_NAMES, type GuaranteeName, type Guarantees } from "../../core/mod.ts";

/**
 * What doctor says of one guarantee of one memory on one runtime.
 *
 * - `proven`: seen on this machine, from outside or in the kernel's tables
 * - `claimed`: promised, and nothing here could show it
 * - `best effort`: tried, without a promise
 * - `refuted`: claimed, and what was seen says otherwise. It fails the run
 * - `none`: not given, and not claimed
 */
export type Verdict = "proven" | "claimed" | "best effort" | "refuted" | "none";

/** A guarantee with its verdict, and what was read to come to it. */
export interface Judgement {
  readonly name: GuaranteeName;
  readonly verdict: Verdict;
  readonly evidence: string;
}

/** One scan of the process. */
export interface ProbeScan {
  readonly report: ScanReport;
  /** Where the secret, or residue of it, was found. */
  readonly secret: readonly Finding[];
  /** Where the control was found: ordinary bytes that are there to be seen. */
  readonly control: readonly Finding[];
}

/** What was seen from outside while a secret lived and after it. */
export interface Observation {
  readonly live: ProbeScan;
  readonly after: ProbeScan;
  /** The signal or exit code that followed a touch of the closed pages; `null` if it survived. */
  readonly touched: string | null;
  /** The code that followed damage just before the data; `null` where a probe cannot reach it. */
  readonly underrun: string | null;
}

/**
 * Holds what a memory claims against what was seen. A claim never outweighs an observation.
 *
 * @param seen `null` where this system offers no way to scan another process
 */
export function judge(claims: Guarantees, seen: Observation | null): readonly Judgement[] {
  return GUARANTEE_NAMES.map((name) => {
    const { level, verified, evidence } = claims[name];
    if (level === "none") return { name, verdict: "none", evidence };
    const outside = seen === null ? undefined : EXTERNAL_CHECKS[name]?.(seen);
    if (outside !== undefined) {
      const verdict = outside.holds ? "proven" : level === "enforced" ? "refuted" : "none";
      return { name, verdict, evidence: outside.evidence };
    }
    if (level === "best-effort") return { name, verdict: "best effort", evidence };
    return { name, verdict: verified ? "proven" : "claimed", evidence };
  });
}

/** `undefined`: it could not be checked. */
type ExternalCheck = (seen: Observation) => CheckResult | undefined;

interface CheckResult {
  readonly holds: boolean;
  readonly evidence: string;
}

/** How each guarantee is seen from outside the process; what is not listed cannot be. */
const EXTERNAL_CHECKS: Partial<Record<GuaranteeName, ExternalCheck>> = {
  "wiped-on-destroy": ({ after }) => ({
    holds: after.secret.length === 0 && after.control.length > 0,
    evidence: `scan after destroy: ${summarize(after)}`,
  }),
  "off-heap": ({ live: { secret, report } }) =>
    isHidden(report)
      ? undefined
      : {
          holds: secret.length === 1,
          evidence: `scan while live: ${secret.length} found${secret.map((found) => `, ${place(found)}`).join("")}`,
        },
  "access-trap": ({ touched }) => ({
    holds: FATAL.includes(String(touched)),
    evidence: `a touch of the closed pages: ${touched ?? "survived"}`,
  }),
  canary: ({ underrun }) =>
    underrun === null
      ? undefined
      : {
          holds: underrun === "ERR_LETHE_CANARY",
          evidence: `a byte written before the data: ${underrun}`,
        },
  locked: flag("lo"),
  "no-dump": flag("dd"),
  "no-fork": flag("dc"),
  hidden: ({ live: { secret, control, report } }) => ({
    holds: secret.length === 0 && control.length > 0 && isHidden(report),
    evidence: `scan while live: ${secret.length} found, the control beside it ${control.length}`,
  }),
};

/** Bun catches the first two to print a report, and then ends with one of the others. */
const FATAL: readonly string[] = ["SIGSEGV", "SIGBUS", "SIGTRAP", "SIGILL"];

/** Pages that not even the kernel reads for another process: secrets may lie there unseen. */
function isHidden({ unreadable }: ScanReport): boolean {
  return unreadable.some(({ reason }) => reason === "secret-memory");
}

/** The kernel's flag on the mapping in which the live secret was found. */
function flag(name: string): ExternalCheck {
  return ({ live: { secret, report } }) =>
    secret.length === 0 && isHidden(report)
      ? undefined
      : {
          holds: secret.length > 0 && secret.every(({ mapping }) => mapping.flags.includes(name)),
          evidence: `smaps of the live secret: VmFlags ${secret.map(({ mapping }) => mapping.flags.join(" ")).join("; ")}`,
        };
}

/** What a scan found, and how far it reached. */
export function summarize({ secret, control, report }: ProbeScan): string {
  // Pages of devices and of the kernel (vvar, vsyscall) hold nothing of the process.
  const blind = report.unreadable.filter(
    ({ reason }) => reason !== "device" && reason !== "beyond-2^53",
  );
  const bytes = `${(report.bytesScanned / 1e6).toFixed(0)} MB`;
  const unread = blind.length === 0 ? "" : `, ${blind.length} mappings not readable`;
  const sight = control.length > 0 ? "" : ", but the control was not found either";
  return `residue ${secret.length} in ${report.encodings} encodings, ${bytes}${unread}${sight}`;
}

/** Where a copy lies: its mapping, as the kernel names it. */
export function place({ mapping }: Finding): string {
  const range = `${mapping.start.toString(16)}-${mapping.end.toString(16)}`;
  return `${range} ${mapping.permissions}${mapping.name === "" ? "" : ` ${mapping.name}`}`;
}
