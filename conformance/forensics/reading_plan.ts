import type { SkipReason, UnreadableReason } from "./report.ts";
import { isMemoryBacked, type ProcessMapping } from "./smaps.ts";

/** A shared mapping up to this size is read whole, see {@link planFor}. */
const SMALL_SHARED = 64 * 2 ** 20;

/** What to do with a mapping. */
export type Plan =
  | { readonly kind: "skip"; readonly reason: SkipReason }
  | { readonly kind: "unreadable"; readonly reason: UnreadableReason }
  /** Read every page. */
  | { readonly kind: "whole" }
  /** Read the pages that `/proc/PID/pagemap` has as present or swapped. */
  | { readonly kind: "present"; readonly rest: SkipReason | null };

/**
 * Decides what to read of a mapping.
 *
 * - Private pages that are neither in RAM nor in swap do not exist. Reading them would only make the
 *   kernel map zeros into the target.
 * - Private pages of a file on disk that the process never wrote (`Anonymous: 0`) are the file's. A
 *   file that lives in memory only (memfd, /dev/shm, deleted) is data all the same.
 * - Shared memory may hold data in pages that this process has not mapped in at the moment, so that
 *   neither `Rss` nor pagemap shows them. Shared mappings that can be written, here or elsewhere, are
 *   therefore read whole, up to 64 MiB (pages that nobody ever touched come into being by that).
 *   Larger ones are read where pagemap shows pages, and the report says so.
 */
export function planFor(of: ProcessMapping, includeFileBacked: boolean): Plan {
  const { mapping, shared, byteLength, resident, swapped, anonymous } = of;
  const { name, flags, permissions, end } = mapping;
  if (end > BigInt(Number.MAX_SAFE_INTEGER)) return { kind: "unreadable", reason: "beyond-2^53" };
  if (flags.includes("io") || flags.includes("pf")) return { kind: "unreadable", reason: "device" };
  if (shared && (permissions[1] === "w" || flags.includes("mw") || isMemoryBacked(name))) {
    return byteLength <= SMALL_SHARED
      ? { kind: "whole" }
      : { kind: "present", rest: "shared-not-mapped-in" };
  }
  if (resident + swapped === 0) return { kind: "skip", reason: "nothing-resident" };
  const onDisk = name.startsWith("/") && !isMemoryBacked(name);
  if (onDisk && !shared && anonymous + swapped === 0 && !includeFileBacked) {
    return { kind: "skip", reason: "file-backed" };
  }
  return resident + swapped >= byteLength ? { kind: "whole" } : { kind: "present", rest: null };
}
