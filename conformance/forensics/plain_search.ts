import type { NumberEncoding } from "./encodings.ts";
import { isResidue, type PreparedNeedle } from "./needle.ts";
import { coverage, type Pattern, patternsOf } from "./pattern.ts";
import type { OnRun, Search, Window } from "./window.ts";
import type { WorkingMemory } from "./working_memory.ts";

/**
 * The slow twin of `FastSearch`: it tries every place for every form, and finds the same runs.
 *
 * Tests compare the two; nothing else may use it. It makes strings of the memory that it searches, and
 * writes forms down.
 */
export class PlainSearch implements Search {
  readonly longestRun: number;
  readonly #needles: readonly PreparedNeedle[];
  readonly #patterns: readonly Pattern[];

  constructor(needles: readonly PreparedNeedle[], working: WorkingMemory) {
    this.#needles = needles;
    this.#patterns = patternsOf(needles, working);
    this.longestRun = Math.max(...needles.map(({ bytes }) => bytes.length)) * 40;
  }

  search(window: Window, onRun: OnRun): void {
    for (const pattern of this.#patterns) searchForm(window, pattern, onRun);
    this.#needles.forEach((needle, index) => {
      for (const [encoding, size, read] of READERS) {
        searchSeries(numbersAt(window, size, read), needle, (start, end, covered) => {
          onRun(index, encoding, window.base + start, window.base + end, covered);
        });
      }
      for (const [first, width, encoding] of TEXTS) {
        searchSeries(numbersIn(window, first, width), needle, (start, end, covered) => {
          onRun(index, encoding, window.base + start, window.base + end, covered);
        });
      }
    });
  }
}

/** A number in memory, where it begins and ends, and where the one that would follow it begins. */
interface Item {
  readonly value: number;
  readonly end: number;
  readonly next: number;
}

type Reader = (view: DataView, at: number, address: number) => number;

const whole = (low: number, high: number): number => high * 2 ** 32 + low;

const READERS: readonly (readonly [NumberEncoding, number, Reader])[] = [
  [
    "smi64",
    8,
    (view, at, address) =>
      address % 8 === 0 && view.getUint32(at, true) === 0 ? view.getUint32(at + 4, true) : -1,
  ],
  ["smi32", 4, (view, at) => view.getUint32(at, true) / 2],
  [
    "jsc-int32",
    8,
    (view, at, address) =>
      address % 8 === 0 && view.getUint32(at + 4, true) === 0xfffe0000
        ? view.getUint32(at, true)
        : -1,
  ],
  ["int32", 4, (view, at) => view.getUint32(at, true)],
  [
    "int64",
    8,
    (view, at, address) =>
      address % 8 === 0 ? whole(view.getUint32(at, true), view.getUint32(at + 4, true)) : -1,
  ],
  ["float32", 4, (view, at) => positive(view.getFloat32(at, true))],
  ["float64", 8, (view, at) => positive(view.getFloat64(at, true))],
];

/** Minus zero is another bit pattern than the zero of a byte. */
const positive = (value: number): number => (Object.is(value, -0) ? -1 : value);

const TEXTS = [
  [0, 1, "decimal"],
  [0, 2, "decimal-utf16"],
  [1, 2, "decimal-utf16"],
] as const;

function searchForm({ bytes, base, from, to }: Window, pattern: Pattern, onRun: OnRun): void {
  const form = Uint8Array.from({ length: pattern.form.byteLength }, (_, at) =>
    pattern.form.byteAt(at),
  );
  for (let origin = from - form.length + 1; origin < to; origin += 1) {
    for (let first = 0; first < form.length; first += 1) {
      let end = first;
      while (
        end < form.length &&
        origin + end >= from &&
        origin + end < to &&
        bytes[origin + end] === form[end]
      )
        end += 1;
      const covered = end === first ? null : coverage(pattern, first, end);
      if (covered !== null) {
        onRun(
          pattern.needle,
          pattern.form.encoding,
          base + origin + covered.from,
          base + origin + covered.to,
          covered.bytes,
        );
      }
      first = end;
    }
  }
}

function searchSeries(
  items: ReadonlyMap<number, Item>,
  needle: PreparedNeedle,
  found: (start: number, end: number, covered: number) => void,
): void {
  for (const [start] of items) {
    for (let first = 0; first < needle.bytes.length; first += 1) {
      let item = items.get(start);
      let end = start;
      let covered = 0;
      while (item !== undefined && item.value === needle.bytes[first + covered]) {
        end = item.end;
        covered += 1;
        item = items.get(item.next);
      }
      if (covered >= needle.fragmentBytes && isResidue(needle, first, first + covered))
        found(start, end, covered);
    }
  }
}

function numbersAt(
  { bytes, base, from, to }: Window,
  size: number,
  read: Reader,
): Map<number, Item> {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const items = new Map<number, Item>();
  for (let at = Math.ceil(from / 4) * 4; at + size <= to; at += 4) {
    items.set(at, { value: read(view, at, base + at), end: at + size, next: at + size });
  }
  return items;
}

function numbersIn({ bytes, from, to }: Window, first: 0 | 1, width: 1 | 2): Map<number, Item> {
  const start = width === 1 ? from : from + ((first - from) & 1);
  let text = "";
  for (let at = start; at + width <= to; at += width) {
    text += width === 2 && bytes[at + 1] !== 0 ? "x" : String.fromCharCode(bytes[at] ?? 0);
  }
  const items = new Map<number, Item>();
  for (const { 0: digits, index } of text.matchAll(/(?<![0-9])(?:0|[1-9][0-9]{0,2})(?![0-9])/g)) {
    const end = index + digits.length;
    const gap = /^(?:,[ \t\r\n]{0,16}|[ \t\r\n]{1,16})(?=[0-9])/.exec(
      text.slice(end, end + 20),
    )?.[0].length;
    const next = gap === undefined ? -1 : start + (end + gap) * width;
    items.set(start + index * width, { value: Number(digits), end: start + end * width, next });
  }
  return items;
}
