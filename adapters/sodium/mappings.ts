/** One mapping of this process, as the kernel describes it (proc(5), `/proc/pid/smaps`). */
export interface Mapping {
  readonly start: number;
  readonly end: number;
  /** `rwxp`, a dash for what is missing. */
  readonly permissions: string;
  /** Two-letter flags: `lo` locked, `dd` not dumped, `dc` not copied on fork. Empty from `maps`. */
  readonly flags: ReadonlySet<string>;
}

const LINES = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) |^VmFlags: (.*)$/gm;
const NO_FLAGS: ReadonlySet<string> = new Set();

/**
 * Parses `maps` or `smaps`, given in pieces that may end anywhere. A mapping is yielded as soon as
 * the next one begins, so that who stops early spares the kernel the rest.
 */
export function* parseMappings(pieces: Iterable<string>): Generator<Mapping, void> {
  let last: Mapping | undefined;
  for (const lines of wholeLines(pieces)) {
    for (const [, start, end, permissions, flags] of lines.matchAll(LINES)) {
      if (start === undefined || end === undefined || permissions === undefined) {
        if (last !== undefined) last = { ...last, flags: new Set(flags?.trim().split(/ +/)) };
        continue;
      }
      if (last !== undefined) yield last;
      last = {
        start: Number.parseInt(start, 16),
        end: Number.parseInt(end, 16),
        permissions,
        flags: NO_FLAGS,
      };
    }
  }
  if (last !== undefined) yield last;
}

/** The same text in pieces that end with a line, apart from the last. */
function* wholeLines(pieces: Iterable<string>): Generator<string, void> {
  let rest = "";
  for (const piece of pieces) {
    const text = rest + piece;
    const end = text.lastIndexOf("\n") + 1;
    rest = text.slice(end);
    if (end > 0) yield text.slice(0, end);
  }
  if (rest !== "") yield rest;
}
