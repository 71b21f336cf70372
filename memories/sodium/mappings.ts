import { MappingCollector, type Mapping as Parsed } from "../../system/proc.ts";

/** One mapping of this process, as the kernel describes it (proc(5), `/proc/pid/smaps`). */
export interface Mapping {
  readonly start: number;
  readonly end: number;
  /** `rwxp`, a dash for what is missing. */
  readonly permissions: string;
  /** Two-letter flags: `lo` locked, `dd` not dumped, `dc` not copied on fork. Empty from `maps`. */
  readonly flags: ReadonlySet<string>;
}

/**
 * Parses `maps` or `smaps`, given in pieces that may end anywhere. A mapping is yielded as soon as
 * the next one begins, so a caller that stops early saves the kernel work.
 */
export function* parseMappings(pieces: Iterable<string>): Generator<Mapping, void> {
  const collector = new MappingCollector(0n, 2n ** 64n);
  for (const piece of pieces) {
    collector.addText(piece);
    yield* collector.drain().map(toMapping);
  }
  collector.addText("\n"); // the last line of a piece that was cut off
  yield* collector.found.map(toMapping);
}

/** Addresses as numbers: those of user space are exact, and descriptors are read at such offsets. */
function toMapping({ start, end, access, flags }: Parsed): Mapping {
  return {
    start: Number(start),
    end: Number(end),
    permissions: access,
    flags: flags.length === 0 ? NO_FLAGS : new Set(flags),
  };
}
const NO_FLAGS: ReadonlySet<string> = new Set();
