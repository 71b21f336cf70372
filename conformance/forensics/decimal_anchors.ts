import type { PreparedNeedle } from "./needle.ts";

const BLANKS = [0x20, 0x09, 0x0a, 0x0d] as const;
const COMMA = 0x2c;

/** Four bytes that betray decimal text. */
export type Gram = readonly [number, number, number, number];

/**
 * The words of memory that a run of `decimal` text cannot avoid, whatever stands between its numbers.
 *
 * In each stretch of `fragmentBytes` numbers one that has two neighbours on either side is taken,
 * with three digits if there is one. At each shift of its digits towards the aligned words, the word
 * with most of the digits is an anchor, once for everything that can stand beside them there:
 *
 *     shift 1   | ...,|171,| 8, |      `,171`, ` 171`, `\n171`, ...
 *     shift 2   | ..,1|71, |8, .|      `71, `, `71,\n`, `71,8`, ...
 */
export function decimalGrams(prepared: PreparedNeedle): { narrow: Gram[]; wide: Gram[] } {
  const numbers = Array.from(prepared.bytes, digitsOf);
  const narrow: Gram[] = [];
  const wide: Gram[] = [];
  for (const index of chosenNumbers(prepared)) {
    const length = (numbers[index] ?? []).length;
    // Characters of each gram relative to the first digit: the best of the words at each shift.
    for (let shift = 0; shift < 4; shift += 1) {
      for (const context of contexts(numbers, index, bestFrom(shift, length, 4), 4)) {
        narrow.push(context as unknown as Gram);
      }
    }
    // Two bytes a character: a word at an even offset has two whole ones, at an odd one two high halves more.
    for (let shift = 0; shift < 2; shift += 1) {
      for (const [first = 0, second = 0] of contexts(
        numbers,
        index,
        bestFrom(shift, length, 2),
        2,
      )) {
        wide.push([first, 0, second, 0], [0, first, 0, second]);
      }
    }
  }
  return { narrow, wide };
}

/** Of the words of `size` characters at `shift`, where the one begins that has most of the digits. */
function bestFrom(shift: number, length: number, size: number): number {
  const digitsIn = (from: number): number => Math.min(length, from + size) - Math.max(0, from);
  return digitsIn(shift) > digitsIn(shift - size) ? shift : shift - size;
}

/** A greedy choice that leaves no telling stretch without a number. */
function chosenNumbers({ bytes, fragmentBytes, telling }: PreparedNeedle): number[] {
  const chosen: number[] = [];
  for (let first = 0; first < telling.length; first += 1) {
    const from = first + 2;
    const last = first + fragmentBytes - 3;
    if (telling[first] !== 1 || (chosen.at(-1) ?? -1) >= from) continue;
    let best = from;
    for (let index = from; index <= last; index += 1) {
      if (digitsOf(bytes[index] ?? 0).length >= digitsOf(bytes[best] ?? 0).length) best = index;
    }
    chosen.push(best);
  }
  return chosen;
}

/** Every text of `size` characters, beginning `from` characters behind the first digit of a number. */
function contexts(
  numbers: readonly number[][],
  index: number,
  from: number,
  size: number,
): number[][] {
  const digits = numbers[index] ?? [];
  const own = digits.slice(Math.max(0, from), Math.max(0, from + size));
  const before = leftOf(numbers, index, Math.max(0, -from));
  const after = rightOf(numbers, index, Math.max(0, from + size - digits.length));
  return before.flatMap((left) => after.map((right) => [...left, ...own, ...right]));
}

/** Every text of `length` characters that can follow number `index`: a separator, then more. */
function rightOf(numbers: readonly number[][], index: number, length: number): number[][] {
  if (length === 0) return [[]];
  const behind = (left: number): number[][] => {
    const digits = (numbers[index + 1] ?? []).slice(0, left);
    return rightOf(numbers, index + 1, left - digits.length).map((rest) => [...digits, ...rest]);
  };
  const blanksOrNumber = (left: number): number[][] =>
    left === 0
      ? [[]]
      : [
          ...behind(left),
          ...BLANKS.flatMap((blank) => blanksOrNumber(left - 1).map((rest) => [blank, ...rest])),
        ];
  return [COMMA, ...BLANKS].flatMap((mark) =>
    blanksOrNumber(length - 1).map((rest) => [mark, ...rest]),
  );
}

/** Every text of `length` characters that can stand before number `index`. */
function leftOf(numbers: readonly number[][], index: number, length: number): number[][] {
  if (length === 0) return [[]];
  const digits = numbers[index - 1] ?? [];
  const before = (left: number): number[][] => {
    const tail = digits.slice(Math.max(0, digits.length - left));
    return leftOf(numbers, index - 1, left - tail.length).map((rest) => [...rest, ...tail]);
  };
  // Reading backwards: blanks, then the number or a comma and then the number.
  const blanks = (left: number, some: boolean): number[][] => {
    if (left === 0) return [[]];
    return [
      ...BLANKS.flatMap((blank) => blanks(left - 1, true).map((rest) => [...rest, blank])),
      ...before(left - 1).map((rest) => [...rest, COMMA]),
      ...(some ? before(left) : []),
    ];
  };
  return blanks(length, false);
}

function digitsOf(value: number): number[] {
  const ones = 0x30 + (value % 10);
  return value < 10 ? [ones] : [...digitsOf(Math.floor(value / 10)), ones];
}
