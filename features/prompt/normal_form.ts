import { codePointAt, sequenceLength } from "./utf8.ts";

/**
 * Whether well-formed UTF-8 is in Unicode's normal form C for certain: the quick check of UAX #15. Text
 * with marks that could be part of the letter before them is not, even where no such letter exists.
 *
 * No string is made of the text: its code points are compared with every range of two tables, which are
 * made once, of all characters alike.
 */
export function isNormalForm(bytes: Uint8Array, byteLength: number): boolean {
  tables ??= { changing: tabulateChanging(), marks: tabulateMarks() };
  let isNormal = true;
  let before = 0;
  for (let at = 0; at < byteLength; ) {
    const end = at + sequenceLength(bytes[at] as number);
    const point = codePointAt(bytes, at, end);
    const rank = valueAt(tables.marks, point);
    if (valueAt(tables.changing, point) !== 0 || (rank !== 0 && before > rank)) isNormal = false;
    before = rank;
    at = end;
  }
  return isNormal;
}

/** First, last and value of each range, one after another. */
type Ranges = Uint32Array;

let tables: { readonly changing: Ranges; readonly marks: Ranges } | undefined;

/** Looks at every range, whichever holds the point. 0 where none does. */
function valueAt(ranges: Ranges, point: number): number {
  let value = 0;
  for (let at = 0; at < ranges.length; at += 3) {
    const holds = Number(point >= (ranges[at] as number) && point <= (ranges[at + 1] as number));
    value |= holds * (ranges[at + 2] as number);
  }
  return value;
}

/** Characters that normal form C changes, and marks that are part of a letter in it. */
function tabulateChanging(): Ranges {
  const changing = new Map<number, number>();
  for (const [first, last] of BLOCKS) {
    for (let point = first; point <= last; point++) {
      const character = String.fromCodePoint(point);
      const parts = character.normalize("NFD");
      if (parts === character) continue;
      const isWhole = character.normalize("NFC") === character;
      changing.set(isWhole ? ([...parts].at(-1)?.codePointAt(0) ?? point) : point, 1);
    }
  }
  return rangesOf(changing);
}

/** The marks that have an order among themselves, by their place in it. */
function tabulateMarks(): Ranges {
  const marks: string[] = [];
  for (const [first, last] of BLOCKS) {
    for (let point = first; point <= last; point++) {
      const character = String.fromCodePoint(point);
      if (!MARK.test(character) || character.normalize("NFD") !== character) continue;
      if (swaps(character, LOWEST) || swaps(HIGHEST, character)) marks.push(character);
    }
  }
  marks.sort((one, other) => Number(swaps(one, other)) - Number(swaps(other, one)));
  let rank = 0;
  return rangesOf(
    new Map(
      marks.map((mark, index) => {
        const before = marks[index - 1];
        if (before === undefined || swaps(mark, before)) rank += 1;
        return [mark.codePointAt(0) ?? 0, rank];
      }),
    ),
  );
}

/** Whether these two marks of one letter change places. */
function swaps(first: string, second: string): boolean {
  return `x${first}${second}`.normalize("NFD") === `x${second}${first}`;
}

function rangesOf(values: ReadonlyMap<number, number>): Ranges {
  const ranges: number[] = [];
  for (const [point, value] of [...values].sort(([one], [other]) => one - other)) {
    const last = ranges.length - 2;
    if (ranges[last] === point - 1 && ranges[last + 1] === value) ranges[last] = point;
    else ranges.push(point, point, value);
  }
  return new Uint32Array(ranges);
}

const MARK = /^\p{M}$/u;
/** COMBINING TILDE OVERLAY and COMBINING GREEK YPOGEGRAMMENI: the first and the last of the order. */
const LOWEST = "\u0334";
const HIGHEST = "\u0345";

/** Where characters can be that the form concerns. Of Hangul's syllables these have every last part. */
const BLOCKS: readonly (readonly [first: number, last: number])[] = [
  [0xc0, 0x33ff],
  [0xa000, 0xae4b],
  [0xf900, 0xffff],
  [0x1_0000, 0x1_ffff],
  [0x2_f800, 0x2_fa1f],
];
