import { decimalLength } from "./decimal_digits.ts";
import type { Window } from "./window.ts";
import type { WorkingMemory } from "./working_memory.ts";

/** Blanks and line ends between two numbers that still count as one separator. */
export const WIDEST_GAP = 16;

const COMMA = 0x2c;

/**
 * How far the text of numbers goes on from `at` in `direction`: to the first other character, the
 * first gap that is too wide, or behind `most` numbers.
 */
export function textEdge(
  window: Window,
  at: number,
  width: 1 | 2,
  direction: 1 | -1,
  most: number,
): number {
  const step = direction * width;
  let edge = at;
  let numbers = 0;
  let gap = 0;
  let inNumber = false;
  for (;;) {
    const next = direction === 1 ? edge : edge - width;
    if (next < window.from || next + width > window.to || !isText(window.bytes, next, width))
      return edge;
    const digit = isDigit(window.bytes[next] ?? 0);
    if (digit && !inNumber) numbers += 1;
    gap = digit ? 0 : gap + 1;
    if (numbers > most || gap > WIDEST_GAP + 1) return edge;
    inNumber = digit;
    edge += step;
  }
}

/** Nothing but a separator stands between this number and the one before. */
const JOINED = 1;
/** The digits are a canonical number from 0 to 255, all of it. */
const WHOLE = 2;

/**
 * Where the numbers of a text lie, in order. Their values are read from the window each time: a list
 * of them would be another copy of what the target holds.
 */
export class NumberText {
  #bytes: Uint8Array = new Uint8Array(0);
  #width: 1 | 2 = 1;
  #length = 0;
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  readonly #marks: Uint8Array;

  /** @param most how many numbers a text may have */
  constructor(most: number, working: WorkingMemory) {
    this.#starts = working.words(most);
    this.#ends = working.words(most);
    this.#marks = working.bytes(most);
  }

  get length(): number {
    return this.#length;
  }

  startOf(item: number): number {
    return this.#starts[item] ?? 0;
  }

  endOf(item: number): number {
    return this.#ends[item] ?? 0;
  }

  isJoined(item: number): boolean {
    return item < this.#length && ((this.#marks[item] ?? 0) & JOINED) !== 0;
  }

  /** The number, or -1 where the digits are none from 0 to 255. */
  valueAt(item: number): number {
    if (((this.#marks[item] ?? 0) & WHOLE) === 0) return -1;
    let value = 0;
    for (let at = this.startOf(item); at < this.endOf(item); at += this.#width) {
      value = value * 10 + (this.#bytes[at] ?? 0) - 0x30;
    }
    return value;
  }

  /**
   * Reads `from` up to `to`, which hold nothing but text of numbers.
   *
   * A number at the border of a window that goes on is worth nothing, as it may have more digits. The
   * neighbouring window has it whole.
   */
  read(window: Window, from: number, to: number, width: 1 | 2): void {
    const { bytes } = window;
    this.#bytes = bytes;
    this.#width = width;
    this.#length = 0;
    let gap = 0;
    let commas = 0;
    let at = from;
    while (at < to) {
      if (!isDigit(bytes[at] ?? 0)) {
        // Blanks before a comma make the separator unlike any that is sought.
        if (bytes[at] === COMMA) commas += gap > 0 ? 2 : 1;
        else gap += 1;
        at += width;
        continue;
      }
      const start = at;
      let value = 0;
      for (; at < to && isDigit(bytes[at] ?? 0); at += width) {
        value = Math.min(256, value * 10 + (bytes[at] ?? 0) - 0x30);
      }
      const cut =
        (window.continued && start - width < window.from) ||
        (window.continues && at + width > window.to);
      const canonical = value < 256 && (at - start) / width === decimalLength(value);
      const joined = this.#length > 0 && commas <= 1 && gap <= WIDEST_GAP;
      this.#starts[this.#length] = start;
      this.#ends[this.#length] = at;
      this.#marks[this.#length] = (joined ? JOINED : 0) | (canonical && !cut ? WHOLE : 0);
      this.#length += 1;
      gap = 0;
      commas = 0;
    }
  }
}

function isDigit(character: number): boolean {
  return character >= 0x30 && character <= 0x39;
}

function isText(bytes: Uint8Array, at: number, width: 1 | 2): boolean {
  return (width === 1 || bytes[at + 1] === 0) && isCharacter(bytes[at] ?? 0);
}

/** Whether four bytes of memory can be part of decimal text, of one byte a character or of two. */
export function mayBeText(word: number): boolean {
  const [a, b, c, d] = [word & 0xff, (word >> 8) & 0xff, (word >> 16) & 0xff, word >>> 24];
  if (b === 0 && d === 0) return isCharacter(a) && isCharacter(c);
  if (a === 0 && c === 0) return isCharacter(b) && isCharacter(d);
  return isCharacter(a) && isCharacter(b) && isCharacter(c) && isCharacter(d);
}

function isCharacter(byte: number): boolean {
  return isDigit(byte) || byte === COMMA || isBlank(byte);
}

function isBlank(character: number): boolean {
  return character === 0x20 || character === 0x09 || character === 0x0a || character === 0x0d;
}
