import { decimalDigit, decimalLength } from "./decimal_digits.ts";
import type { PreparedNeedle } from "./needle.ts";

const BLANKS = [0x20, 0x09, 0x0a, 0x0d] as const;
const COMMA = 0x2c;

/** Is called with each word. */
type OnWord = (word: number) => void;

/**
 * Tells the words of memory that a run of `decimal` text cannot avoid, whatever stands between its
 * numbers. Some may be told twice. They are pieces of the secret: none is kept here.
 *
 * In each stretch of `fragmentBytes` numbers one that has two neighbours on either side is taken,
 * with three digits if there is one. At each shift of its digits towards the aligned words, the word
 * with most of the digits is an anchor, once for everything that can stand beside them there:
 *
 *     shift 1   | ...,|171,| 8, |      `,171`, ` 171`, `\n171`, ...
 *     shift 2   | ..,1|71, |8, .|      `71, `, `71,\n`, `71,8`, ...
 */
export function decimalWords(prepared: PreparedNeedle, onWord: OnWord): void {
  const { bytes } = prepared;
  for (const index of chosenNumbers(prepared)) {
    const length = decimalLength(bytes[index] ?? 0);
    // Characters of each word relative to the first digit: the best of the words at each shift.
    for (let shift = 0; shift < 4; shift += 1) {
      eachText(bytes, index, bestFrom(shift, length, 4), 4, onWord);
    }
    // Two bytes a character: a word at an even offset has two whole ones, at an odd one two high halves more.
    for (let shift = 0; shift < 2; shift += 1) {
      eachText(bytes, index, bestFrom(shift, length, 2), 2, (text) => {
        const even = (text & 0xff) | ((text & 0xff00) << 8);
        onWord(even);
        onWord(even << 8);
      });
    }
  }
}

/** Of the words of `size` characters at `shift`, where the one begins that has most of the digits. */
function bestFrom(shift: number, length: number, size: number): number {
  const digitsIn = (from: number): number => Math.min(length, from + size) - Math.max(0, from);
  return digitsIn(shift) > digitsIn(shift - size) ? shift : shift - size;
}

/** A greedy choice that leaves no telling stretch without a number. */
function chosenNumbers({ bytes, fragmentBytes, telling }: PreparedNeedle): number[] {
  const chosen: number[] = [];
  const lengthAt = (index: number): number => decimalLength(bytes[index] ?? 0);
  for (let first = 0; first < telling.length; first += 1) {
    const from = first + 2;
    const last = first + fragmentBytes - 3;
    if (telling[first] !== 1 || (chosen.at(-1) ?? -1) >= from) continue;
    let best = from;
    for (let index = from; index <= last; index += 1) {
      if (lengthAt(index) >= lengthAt(best)) best = index;
    }
    chosen.push(best);
  }
  return chosen;
}

/**
 * Every text of `size` characters, beginning `from` characters behind the first digit of number
 * `index`. A text is a word: its first character is the lowest byte.
 */
function eachText(
  bytes: Uint8Array,
  index: number,
  from: number,
  size: number,
  onText: OnWord,
): void {
  const value = bytes[index] ?? 0;
  const length = decimalLength(value);
  const own = Math.max(0, from);
  const ownEnd = Math.min(length, from + size);
  let digits = 0;
  for (let place = own; place < ownEnd; place += 1) {
    digits |= decimalDigit(value, place) << (8 * (place - from));
  }
  eachBefore(bytes, index, Math.max(0, -from), digits, (text) =>
    eachBehind(bytes, index, ownEnd - from, size, text, onText),
  );
}

/** Fills the characters from `at` up to `size` with all that can follow number `index`. */
function eachBehind(
  bytes: Uint8Array,
  index: number,
  at: number,
  size: number,
  text: number,
  onText: OnWord,
): void {
  if (at >= size) {
    onText(text);
    return;
  }
  const number = (place: number, so: number): void => {
    const value = bytes[index + 1] ?? 0;
    const end = Math.min(size, place + decimalLength(value));
    let more = so;
    for (let next = place; next < end; next += 1) {
      more |= decimalDigit(value, next - place) << (8 * next);
    }
    eachBehind(bytes, index + 1, end, size, more, onText);
  };
  const blanksOrNumber = (place: number, so: number): void => {
    if (place === size) {
      onText(so);
      return;
    }
    number(place, so);
    for (const blank of BLANKS) blanksOrNumber(place + 1, so | (blank << (8 * place)));
  };
  for (const mark of [COMMA, ...BLANKS]) blanksOrNumber(at + 1, text | (mark << (8 * at)));
}

/** Fills the first `length` characters with all that can stand before number `index`. */
function eachBefore(
  bytes: Uint8Array,
  index: number,
  length: number,
  text: number,
  onText: OnWord,
): void {
  if (length === 0) {
    onText(text);
    return;
  }
  const number = (left: number, so: number): void => {
    const value = bytes[index - 1] ?? 0;
    const digits = decimalLength(value);
    const rest = Math.max(0, left - digits);
    let more = so;
    for (let place = rest; place < left; place += 1) {
      more |= decimalDigit(value, digits - left + place) << (8 * place);
    }
    eachBefore(bytes, index - 1, rest, more, onText);
  };
  // Reading backwards: blanks, then the number or a comma and then the number.
  const blanks = (left: number, so: number, some: boolean): void => {
    if (left === 0) {
      onText(so);
      return;
    }
    for (const blank of BLANKS) blanks(left - 1, so | (blank << (8 * (left - 1))), true);
    number(left - 1, so | (COMMA << (8 * (left - 1))));
    if (some) number(left, so);
  };
  blanks(length, text, false);
}
