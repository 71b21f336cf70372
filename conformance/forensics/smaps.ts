import type { Mapping } from "./report.ts";

/** A mapping of a living process with the sizes that decide whether it is read, all in bytes. */
export interface ProcessMapping {
  readonly mapping: Mapping;
  readonly byteLength: number;
  readonly shared: boolean;
  /** In RAM, huge pages of hugetlbfs included (proc(5) leaves them out of `Rss`). */
  readonly resident: number;
  readonly swapped: number;
  /** Private pages that are the process's own, no longer the file's. */
  readonly anonymous: number;
  /** Larger than the system's for hugetlbfs. */
  readonly pageSize: number;
}

// 7f1c00000000-7f1c00021000 rw-p 00000000 00:00 0                          [heap]
const HEADER = /^([0-9a-f]+)-([0-9a-f]+) ([-r][-w][-x][ps]) [0-9a-f]+ \S+ \d+ *(.*)$/;

/**
 * Parses `/proc/PID/smaps` (proc_pid_smaps(5)).
 *
 * Each mapping has a line as in `/proc/PID/maps`, then some two dozen lines `Name: value`, of which a
 * kernel may know fewer or more. A process of hundreds of mappings makes half a megabyte of it.
 */
export function parseSmaps(text: string): ProcessMapping[] {
  const mappings: ProcessMapping[] = [];
  let header: RegExpExecArray | null = null;
  let fields = new Map<string, string>();
  const finish = (): void => {
    if (header !== null) mappings.push(mappingOf(header, fields));
  };
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    if (line.charCodeAt(0) <= 0x5a && line.charCodeAt(0) >= 0x41) {
      fields.set(line.slice(0, colon), line.slice(colon + 1));
      continue;
    }
    const begins = HEADER.exec(line);
    if (begins === null) continue;
    finish();
    header = begins;
    fields = new Map();
  }
  finish();
  return mappings;
}

/** Whether the name says that the content lives in memory alone and so is some process's data. */
export function isMemoryBacked(name: string): boolean {
  return (
    name.endsWith(" (deleted)") ||
    ["/memfd:", "/dev/shm/", "/dev/zero", "/SYSV", "/secretmem"].some((prefix) =>
      name.startsWith(prefix),
    )
  );
}

function mappingOf(header: RegExpExecArray, fields: ReadonlyMap<string, string>): ProcessMapping {
  const start = BigInt(`0x${header[1]}`);
  const end = BigInt(`0x${header[2]}`);
  const permissions = header[3] ?? "";
  const kilobytes = (name: string): number =>
    (Number.parseInt(fields.get(name) ?? "0", 10) || 0) * 1024;
  const flags = (fields.get("VmFlags") ?? "").split(" ").filter((flag) => flag !== "");
  return {
    mapping: { start, end, permissions, name: header[4] ?? "", flags },
    byteLength: Number(end - start),
    shared: permissions[3] === "s",
    resident: kilobytes("Rss") + kilobytes("Shared_Hugetlb") + kilobytes("Private_Hugetlb"),
    swapped: kilobytes("Swap"),
    anonymous: kilobytes("Anonymous") + kilobytes("Private_Hugetlb"),
    pageSize: kilobytes("KernelPageSize") || 4096,
  };
}
