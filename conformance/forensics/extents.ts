/** Part of a file, from `start` up to `end`. */
export interface Extent {
  /** The first byte. */
  readonly start: number;
  /** The first byte after it. */
  readonly end: number;
}

/** A copy that ends in zeros may reach into the hole behind it: that much of it is read as well. */
const MARGIN = 65_536;

/** The parts of `whole` that lie in or near one of `data`, in order, none overlapping another. */
export function within(whole: Extent, data: readonly Extent[] | undefined): readonly Extent[] {
  if (data === undefined) return whole.start < whole.end ? [whole] : [];
  const parts: Extent[] = [];
  for (const each of data) {
    const start = Math.max(whole.start, each.start - MARGIN, parts.at(-1)?.end ?? 0);
    const end = Math.min(whole.end, each.end + MARGIN);
    if (start < end) parts.push({ start, end });
  }
  return parts;
}
