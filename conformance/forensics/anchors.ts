import { type Form, wordOf } from "./form.ts";
import { isTelling, type Pattern } from "./pattern.ts";

/**
 * Offsets into the form at which the fast search looks for four bytes.
 *
 * The search reads memory as aligned 32-bit words. A run of residue lies at any address, so for each
 * of the four ways in which it can lie towards the words, one of the words wholly inside it must be
 * an anchor:
 *
 *     memory words   |....|....|....|....|
 *     residue           [==============]        shift 2: whole words at offsets 2, 6 and 10
 *
 * Any run that counts as residue contains a shortest one, and those are the windows below. A run of
 * seven bytes contains a whole word at every shift, and no window is shorter than eight. Anchors with
 * many distinct bytes are preferred, as memory is full of zeros and blanks.
 */
export function anchorOffsets(pattern: Pattern): number[] {
  const { form, fragmentBytes } = pattern;
  const chosen = new Set<number>();
  const latest = [-1, -1, -1, -1];
  for (let first = 0; first + fragmentBytes <= form.secretBytes; first += 1) {
    if (!isTelling(pattern, first, first + fragmentBytes)) continue;
    const from = form.start(first);
    const last = form.end(first + fragmentBytes - 1) - 4;
    for (let shift = 0; shift < 4; shift += 1) {
      if ((latest[shift] ?? -1) >= from) continue;
      const offset = strongest(form, from + ((shift - from) & 3), last);
      latest[shift] = offset;
      chosen.add(offset);
    }
  }
  return [...chosen];
}

/** Of `from`, `from + 4`, ... `last`: the one whose four bytes say most, the last among equals. */
function strongest(form: Form, from: number, last: number): number {
  let best = from;
  let bestStrength = -1;
  for (let offset = from; offset <= last; offset += 4) {
    const strength = distinctBytes(wordOf(form, offset));
    if (strength >= bestStrength) {
      best = offset;
      bestStrength = strength;
    }
  }
  return best;
}

/** How many different bytes other than zero the word has. */
function distinctBytes(word: number): number {
  const [a, b, c, d] = [word & 0xff, (word >> 8) & 0xff, (word >> 16) & 0xff, word >>> 24];
  return (
    Number(a !== 0) +
    Number(b !== 0 && b !== a) +
    Number(c !== 0 && c !== a && c !== b) +
    Number(d !== 0 && d !== a && d !== b && d !== c)
  );
}
