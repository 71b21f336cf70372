import { Pagemap } from "./pagemap.ts";
import { memoryReader, readMemory } from "./process_memory.ts";
import { planFor } from "./reading_plan.ts";
import type { Mapping, SkippedMapping, UnreadableMapping } from "./report.ts";
import type { ProcessMapping } from "./smaps.ts";
import type { Sweep } from "./sweep.ts";

/** What became of each mapping. */
export interface Seen {
  scanned: number;
  readonly skipped: SkippedMapping[];
  readonly unreadable: UnreadableMapping[];
}

/** Reads all that may hold process data through `/proc/PID/mem`, and hands it to `sweep` by address. */
export function readMappings(
  files: { readonly memory: number; readonly pagemap: number },
  mappings: readonly ProcessMapping[],
  sweep: Sweep,
  includeFileBacked: boolean,
): Seen {
  const pageSize = Math.min(...mappings.map((each) => each.pageSize));
  const pages = new Pagemap(files.pagemap, pageSize);
  const read = memoryReader(files.memory);
  const seen: Seen = { scanned: 0, skipped: [], unreadable: [] };
  for (const each of mappings) {
    const { mapping, byteLength } = each;
    const plan = planFor(each, includeFileBacked);
    if (plan.kind === "skip") {
      seen.skipped.push({ mapping, reason: plan.reason, byteLength });
      continue;
    }
    if (plan.kind === "unreadable") {
      seen.unreadable.push({ mapping, reason: plan.reason, byteLength });
      continue;
    }
    const [start, end] = [Number(mapping.start), Number(mapping.end)];
    const runs = plan.kind === "whole" ? [{ start, end }] : pages.presentRuns(start, end);
    let covered = 0;
    let refused = 0;
    for (const run of runs) {
      covered += run.end - run.start;
      refused += readMemory(read, run.start, run.end, pageSize, sweep);
    }
    if (refused < covered) seen.scanned += 1;
    if (refused > 0) seen.unreadable.push({ mapping, reason: "refused", byteLength: refused });
    if (plan.kind === "present" && plan.rest !== null && covered < byteLength) {
      seen.skipped.push({ mapping, reason: plan.rest, byteLength: byteLength - covered });
    }
  }
  return seen;
}

/** Tells why memory was refused, from its name and from whether it is still what it was. */
export function explainRefusal(
  item: UnreadableMapping,
  after: readonly ProcessMapping[],
): UnreadableMapping {
  if (item.reason !== "refused") return item;
  const { start, end, name, permissions } = item.mapping;
  if (name.startsWith("/secretmem")) return { ...item, reason: "secret-memory" };
  const same = ({ mapping }: { mapping: Mapping }): boolean =>
    mapping.start === start &&
    mapping.end === end &&
    mapping.name === name &&
    mapping.permissions === permissions;
  return after.some(same) ? item : { ...item, reason: "changed-during-scan" };
}
