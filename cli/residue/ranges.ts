import { readFileSync } from "node:fs";

/** What a piece of address space is, as far as its looks go. */
export type Kind = "code" | "file" | "heap" | "stack" | "anonymous" | "closed" | "hidden";

/** A piece of a process's address space. */
export interface Range {
  readonly start: bigint;
  readonly end: bigint;
  readonly kind: Kind;
}

/** The mappings of a process, in order, from `/proc/PID/maps` (proc_pid_maps(5)). */
export function readRanges(pid: number): readonly Range[] {
  return readFileSync(`/proc/${pid}/maps`, "utf8").trimEnd().split("\n").map(rangeOf);
}

function rangeOf(line: string): Range {
  const [, start = "0", end = "0", permissions = "", name = ""] =
    /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \d+ *(.*)$/.exec(line) ?? [];
  return { start: BigInt(`0x${start}`), end: BigInt(`0x${end}`), kind: kindOf(permissions, name) };
}

function kindOf(permissions: string, name: string): Kind {
  if (name.startsWith("/secretmem")) return "hidden";
  if (permissions.startsWith("---")) return "closed";
  if (name.startsWith("[stack")) return "stack";
  if (name.startsWith("[heap")) return "heap";
  if (permissions[2] === "x") return "code";
  return name.startsWith("/") ? "file" : "anonymous";
}
