import { codePointAt, startOfCodePoint } from "./utf8.ts";

/**
 * Where the last character of UTF-8 text begins, with what is shown as one character kept together:
 *
 * - a letter and the combining marks behind it
 * - an emoji with its skin tone, variation selector or tags, and emoji joined by ZERO WIDTH JOINER
 * - the two letters of a flag
 *
 * It follows the extended grapheme clusters of UAX #29 except for Hangul syllables typed in parts,
 * Indic conjuncts and prepended marks, which are several characters here. Malformed bytes are one
 * character each.
 *
 * No string is made of the text: each code point is a number, looked up in a table of bits.
 *
 * @param end where the text ends in `bytes`
 * @returns the offset of the first byte of the last character; 0 when there is none
 */
export function startOfLastCharacter(bytes: Uint8Array, end: number): number {
  let start = startOfCodePoint(bytes, end);
  let point = codePointAt(bytes, start, end);
  while (start > 0) {
    const before = startOfCodePoint(bytes, start);
    const previous = codePointAt(bytes, before, start);
    const joined = previous === JOINER && isPictograph(point);
    if (!joined && !extendsCharacter(point)) break;
    start = before;
    point = previous;
  }
  return isFlagLetter(point) && flagLettersBefore(bytes, start) % 2 === 1
    ? startOfCodePoint(bytes, start)
    : start;
}

/** How many characters the text has, by the same rule. */
export function countCharacters(bytes: Uint8Array, byteLength: number): number {
  let count = 0;
  for (let end = byteLength; end > 0; count++) end = startOfLastCharacter(bytes, end);
  return count;
}

function flagLettersBefore(bytes: Uint8Array, end: number): number {
  let count = 0;
  for (let at = end; at > 0; count++) {
    const start = startOfCodePoint(bytes, at);
    if (!isFlagLetter(codePointAt(bytes, start, at))) break;
    at = start;
  }
  return count;
}

function isFlagLetter(point: number): boolean {
  return point >= 0x1f1e6 && point <= 0x1f1ff;
}

function extendsCharacter(point: number): boolean {
  return point >= 0x300 && look(EXTENDERS, point);
}

function isPictograph(point: number): boolean {
  return point >= 0xa9 && look(PICTOGRAPHS, point);
}

const JOINER = 0x200d;

interface Table {
  readonly pattern: RegExp;
  bits: Uint8Array | null;
}

const EXTENDERS: Table = { pattern: /[\p{M}\p{Emoji_Modifier}\u200c\u200d]/u, bits: null };
const PICTOGRAPHS: Table = { pattern: /\p{Extended_Pictographic}/u, bits: null };

/** Planes 0 and 1. Beyond them only the tags and selectors of plane 14 extend a character. */
const TABLE_END = 0x20000;

/**
 * The engine's own Unicode data as bits, made at the first use from every code point alike: so the
 * secret ones are looked up without being turned into the string that a pattern needs.
 */
function look(table: Table, point: number): boolean {
  if (point >= TABLE_END) return table === EXTENDERS && point >= 0xe0020 && point <= 0xe01ef;
  table.bits ??= tabulate(table.pattern);
  return (((table.bits[point >> 3] as number) >> (point & 7)) & 1) === 1;
}

function tabulate(pattern: RegExp): Uint8Array {
  const bits = new Uint8Array(TABLE_END / 8);
  for (let point = 0; point < TABLE_END; point++) {
    if (pattern.test(String.fromCodePoint(point)))
      bits[point >> 3] = (bits[point >> 3] as number) | (1 << (point & 7));
  }
  return bits;
}
