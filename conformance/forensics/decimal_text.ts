import type { Window } from "./window.ts";

/** Blanks and line ends between two numbers that still count as one separator. */
export const WIDEST_GAP = 16;

const COMMA = 0x2c;

/** The numbers of a text, in order. */
export interface Numbers {
  /** -1 where the digits are no canonical number from 0 to 255. */
  readonly values: readonly number[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** Whether nothing but a separator stands between this number and the one before. */
  readonly joined: readonly boolean[];
}

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

/**
 * Reads `from` up to `to`, which hold nothing but text of numbers.
 *
 * A number at the border of a window that goes on is worth nothing, as it may have more digits. The
 * neighbouring window has it whole.
 */
export function readNumbers(window: Window, from: number, to: number, width: 1 | 2): Numbers {
  const { bytes } = window;
  const numbers = {
    values: [] as number[],
    starts: [] as number[],
    ends: [] as number[],
    joined: [] as boolean[],
  };
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
    const canonical = value < 256 && (at - start) / width === String(value).length;
    numbers.joined.push(numbers.values.length > 0 && commas <= 1 && gap <= WIDEST_GAP);
    numbers.values.push(canonical && !cut ? value : -1);
    numbers.starts.push(start);
    numbers.ends.push(at);
    gap = 0;
    commas = 0;
  }
  return numbers;
}

function isDigit(character: number): boolean {
  return character >= 0x30 && character <= 0x39;
}

function isText(bytes: Uint8Array, at: number, width: 1 | 2): boolean {
  if (width === 2 && bytes[at + 1] !== 0) return false;
  const character = bytes[at] ?? 0;
  return isDigit(character) || character === COMMA || isBlank(character);
}

function isBlank(character: number): boolean {
  return character === 0x20 || character === 0x09 || character === 0x0a || character === 0x0d;
}
