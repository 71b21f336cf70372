import { type Form, fixedForms } from "./forms.ts";
import { isResidue, type PreparedNeedle } from "./needle.ts";

/** No form is matched on fewer bytes than this, however many secret bytes they stand for. */
const SHORTEST_MATCH = 8;

/** One fixed form of one needle, with the rule that tells residue from chance. */
export interface Pattern {
  readonly form: Form;
  /** Index of the needle. */
  readonly needle: number;
  readonly prepared: PreparedNeedle;
  /** Secret bytes that a run must cover. More than the needle's own where the form is very short. */
  readonly fragmentBytes: number;
}

/** The patterns of all needles. A form of fewer than 8 bytes (four Latin-1 letters, say) is left out. */
export function patternsOf(needles: readonly PreparedNeedle[]): Pattern[] {
  return needles.flatMap((prepared, needle) =>
    fixedForms(prepared.bytes).flatMap((form) => {
      const fragmentBytes = fragmentLength(form, prepared.fragmentBytes);
      return fragmentBytes === null ? [] : [{ form, needle, prepared, fragmentBytes }];
    }),
  );
}

/** So many whole secret bytes, at `from` up to `to` in the form. */
export interface Coverage {
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
}

/** What a match of `form.bytes[from .. to)` covers of the secret, or null when that is no residue. */
export function coverage(pattern: Pattern, from: number, to: number): Coverage | null {
  const { starts, ends } = pattern.form;
  const first = lowerBound(starts, from);
  const end = lowerBound(ends, to + 1);
  if (end - first < pattern.fragmentBytes || !isTelling(pattern, first, end)) return null;
  return { from: starts[first] ?? 0, to: ends[end - 1] ?? 0, bytes: end - first };
}

/** Whether the secret bytes that the form holds from `first` up to `end` are residue. */
export function isTelling(pattern: Pattern, first: number, end: number): boolean {
  const { prepared, form } = pattern;
  const length = prepared.bytes.length;
  return form.backwards
    ? isResidue(prepared, length - end, length - first)
    : isResidue(prepared, first, end);
}

function fragmentLength(form: Form, atLeast: number): number | null {
  for (let length = atLeast; length <= form.starts.length; length += 1) {
    if (shortestWindow(form, length) >= SHORTEST_MATCH) return length;
  }
  return null;
}

function shortestWindow({ starts, ends }: Form, length: number): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let first = 0; first + length <= starts.length; first += 1) {
    shortest = Math.min(shortest, (ends[first + length - 1] ?? 0) - (starts[first] ?? 0));
  }
  return shortest;
}

/** Index of the first element of the ascending `values` that is `least` or more. */
function lowerBound(values: Uint32Array, least: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
