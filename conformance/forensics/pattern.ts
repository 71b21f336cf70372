import { type Form, lowerBound } from "./form.ts";
import { fixedForms } from "./forms.ts";
import { isResidue, type PreparedNeedle } from "./needle.ts";
import type { WorkingMemory } from "./working_memory.ts";

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
export function patternsOf(needles: readonly PreparedNeedle[], working: WorkingMemory): Pattern[] {
  return needles.flatMap((prepared, needle) =>
    fixedForms(prepared.bytes, working).flatMap((form) => {
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

/** What a match from `from` up to `to` in the form covers of the secret, or null when that is not residue. */
export function coverage(pattern: Pattern, from: number, to: number): Coverage | null {
  const { form } = pattern;
  const first = lowerBound(form.secretBytes, from, form.start);
  const end = lowerBound(form.secretBytes, to + 1, form.end);
  if (end - first < pattern.fragmentBytes || !isTelling(pattern, first, end)) return null;
  return { from: form.start(first), to: form.end(end - 1), bytes: end - first };
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
  for (let length = atLeast; length <= form.secretBytes; length += 1) {
    if (shortestWindow(form, length) >= SHORTEST_MATCH) return length;
  }
  return null;
}

function shortestWindow(form: Form, length: number): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let first = 0; first + length <= form.secretBytes; first += 1) {
    shortest = Math.min(shortest, form.end(first + length - 1) - form.start(first));
  }
  return shortest;
}
