import type { Encoding } from "./encodings.ts";

/**
 * Page access at the time of the scan. `executable` stands for any access with execution;
 * `not-mapped` for files, which are not memory. `permissions` has it in full.
 */
export type MappingProtection =
  | "no-access"
  | "read-only"
  | "read-write"
  | "executable"
  | "not-mapped";

/** A mapping of a process, a segment of a core file, or a whole plain file. */
export interface Mapping {
  /** First address. */
  readonly start: bigint;
  /** First address behind it. */
  readonly end: bigint;
  /** As proc(5) prints them, `rw-p`; of a core segment the first three. Empty for a plain file. */
  readonly permissions: string;
  /** File, `[heap]`, `[stack]`, `[anon: name]`, or empty. */
  readonly name: string;
  /** `VmFlags` of proc(5): `lo` locked, `dd` not dumped, `dc` not forked, `wf` wiped on fork. */
  readonly flags: readonly string[];
}

/** Residue: a whole or partial copy of a needle. It never holds the bytes. */
export interface Finding {
  /** Label of the needle. */
  readonly needle: string;
  /** The encoding in which it lies there. */
  readonly encoding: Encoding;
  /** Of the first secret byte that is there. In a plain file, the offset. */
  readonly address: bigint;
  /** How many neighbouring bytes of the secret are there. */
  readonly coveredBytes: number;
  /** Whether that is all of them. */
  readonly complete: boolean;
  /** Where the residue begins; it may reach into the mapping behind. */
  readonly mapping: Mapping;
  /** Page access there, at the time of the scan. */
  readonly protection: MappingProtection;
}

/** Why memory was left out on purpose. */
export type SkipReason =
  /** Neither in RAM nor in swap: there is nothing. */
  | "nothing-resident"
  /** Private pages of a file on disk that were never written: their content is the file's. */
  | "file-backed"
  /** A large shared mapping: pages of it that this process does not have mapped in were not read. */
  | "shared-not-mapped-in"
  /** The core file does not hold these bytes. */
  | "not-dumped"
  /** A hole of a sparse core file: nothing was written there, and it reads as zeros. */
  | "hole";

/** Why memory that may hold secrets could not be read. */
export type UnreadableReason =
  /** memfd_secret(2): not even the kernel reads it for another process. */
  | "secret-memory"
  /** Device memory or a page of the kernel's (`VmFlags` `io` or `pf`): not touched. */
  | "device"
  /** `[vsyscall]` and other addresses from 2^53 on: not touched. */
  | "beyond-2^53"
  /** It was there when the scan began and is no longer mapped, or mapped anew. */
  | "changed-during-scan"
  /** The kernel refused; it may be memory of any kind. */
  | "refused"
  /** The file ends before it should. */
  | "truncated-file";

/** Memory that was left out on purpose. */
export interface SkippedMapping {
  /** The mapping that it is part of. */
  readonly mapping: Mapping;
  /** Why it was left out. */
  readonly reason: SkipReason;
  /** How many bytes of it. */
  readonly byteLength: number;
}

/** Memory that may hold secrets and could not be read. */
export interface UnreadableMapping {
  /** The mapping that it is part of. */
  readonly mapping: Mapping;
  /** Why it could not be read. */
  readonly reason: UnreadableReason;
  /** How many bytes of it. */
  readonly byteLength: number;
}

/** What was seen, what was not, and what was found. */
export interface ScanReport {
  /** Tells a report from {@link ScanUnsupported}. */
  readonly outcome: "scanned";
  /** What was scanned. */
  readonly source: "process" | "core" | "file";
  /** Of the process; null for files. */
  readonly pid: number | null;
  /** Of the core or plain file; null for a process. */
  readonly path: string | null;
  /** How many encodings of each needle were looked for. */
  readonly encodings: number;
  /** Every copy, up to `maxFindings`. */
  readonly findings: readonly Finding[];
  /** Whether there was more residue than `maxFindings`. */
  readonly truncated: boolean;
  /** Bytes that were searched. */
  readonly bytesScanned: number;
  /** Mappings that were searched, whole or in part. */
  readonly mappingsScanned: number;
  /** Memory that was left out on purpose. */
  readonly skipped: readonly SkippedMapping[];
  /** Memory that may hold secrets and could not be read. */
  readonly unreadable: readonly UnreadableMapping[];
  /** Milliseconds that the scan took. */
  readonly durationMs: number;
}

/** The answer where the system offers no way to look: nothing was verified. */
export interface ScanUnsupported {
  /** Tells it from a {@link ScanReport}. */
  readonly outcome: "unsupported";
  /** Why the system offers no scan. */
  readonly reason: string;
}

/** A report, or why there is none. */
export type ScanResult = ScanReport | ScanUnsupported;

/** {@link MappingProtection} of `permissions`. */
export function protectionOf(permissions: string): MappingProtection {
  if (permissions === "") return "not-mapped";
  if (permissions[2] === "x") return "executable";
  if (permissions[1] === "w") return "read-write";
  return permissions[0] === "r" ? "read-only" : "no-access";
}
