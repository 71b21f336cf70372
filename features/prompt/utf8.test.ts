import { expect, it } from "vitest";
import { codePointAt, sequenceLength, startOfCodePoint } from "./utf8.ts";

const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What the platform makes of bytes that are to be one code point. */
function expected(bytes: Uint8Array): number {
  try {
    const [character, ...others] = DECODER.decode(bytes);
    return others.length > 0 ? -1 : (character?.codePointAt(0) ?? -1);
  } catch {
    return -1;
  }
}

/** Bytes on both sides of every bound of UTF-8. */
const EDGES = [
  0x00, 0x3f, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1,
  0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff,
];

/** Those of a byte that continues a sequence. */
const CONTINUATIONS = [0x7f, 0x80, 0xbf, 0xc0];

it("reads one code point of up to four bytes as the platform does, and nothing else", () => {
  const check = (...bytes: number[]): void => {
    const whole = Uint8Array.of(0x61, ...bytes, 0x80);
    const point = codePointAt(whole, 1, 1 + bytes.length);
    if (point !== expected(Uint8Array.from(bytes))) expect([bytes, point]).toEqual([]);
  };
  check();
  for (const first of EDGES) {
    check(first);
    for (const second of EDGES) {
      check(first, second);
      for (const third of CONTINUATIONS) {
        check(first, second, third);
        if (first >= 0xe0) for (const fourth of CONTINUATIONS) check(first, second, third, fourth);
      }
    }
  }
  check(0xf1, 0x80, 0x80, 0x80, 0x80);
});

it("tells the length of a sequence by its first byte", () => {
  const lengths = [...Array(256).keys()].map(sequenceLength);
  const runs = lengths.map((length, at) => (length === lengths[at - 1] ? "" : `${at}:${length}`));
  expect(runs.filter((run) => run !== "")).toEqual([
    "0:1",
    "128:0",
    "194:2",
    "224:3",
    "240:4",
    "245:0",
  ]);
});

it("finds where the last code point begins, or the last byte where it is none", () => {
  const starts = ["a", "é", "€", "😀"].map((character) => {
    const bytes = new TextEncoder().encode(`é${character}`);
    return startOfCodePoint(bytes, bytes.length);
  });
  expect(starts).toEqual([2, 2, 2, 2]);
  const last = (...bytes: number[]): number =>
    startOfCodePoint(Uint8Array.from(bytes), bytes.length);
  expect([last(), last(0x80), last(0x61, 0x80), last(0xc3), last(0x61, 0xc3)]).toEqual([
    0, 0, 1, 0, 1,
  ]);
  expect([last(0xe0, 0x80, 0x80), last(0x80, 0x80, 0x80, 0x80), last(0xf0, 0x9f, 0x98)]).toEqual([
    2, 3, 2,
  ]);
  expect(startOfCodePoint(new TextEncoder().encode("😀x"), 4)).toBe(0);
});
