import { describe, expect, it } from "vitest";
import { thrown } from "../../testing/core/samples.ts";
import type { View } from "./bytes.ts";
import {
  BIT_STRING,
  type Der,
  DerReader,
  der,
  derLength,
  derSequence,
  derUnsigned,
  INTEGER,
  NULL,
  OCTET_STRING,
  SEQUENCE,
  writeDer,
} from "./der.ts";

/** Bytes that do not begin where their buffer begins, nor end where it ends. */
function view(bytes: readonly number[]): View {
  const whole = new Uint8Array(bytes.length + 8).fill(0x7e);
  whole.set(bytes, 3);
  return whole.subarray(3, 3 + bytes.length);
}
const body = (length: number): number[] => Array<number>(length).fill(9);
const reading = (...bytes: readonly number[]): DerReader => new DerReader(view(bytes));
/** An octet string with this header for its length, and something behind it. */
const string = (header: readonly number[], length: number): DerReader =>
  new DerReader(view([OCTET_STRING, ...header].concat(body(length), 1)));
const code = (run: () => unknown): unknown => thrown(run).code;
const DAMAGED = "ERR_LETHE_KEY_DAMAGED";

describe("reading DER", () => {
  it("takes a length in the fewest bytes, and in no others", () => {
    for (const [header, length] of [
      [[0], 0],
      [[1], 1],
      [[0x7f], 0x7f],
      [[0x81, 0x80], 0x80],
      [[0x81, 0xff], 0xff],
      [[0x82, 1, 0], 0x100],
      [[0x82, 0x12, 0x34], 0x1234],
      [[0x83, 1, 0, 0], 0x10000],
    ] as const) {
      const reader = string(header, length);
      expect([...reader.read(OCTET_STRING)]).toEqual(body(length));
      expect([reader.next, reader.done]).toEqual([1, false]);
    }
    for (const header of [
      [0x80],
      [0x81, 0x7f],
      [0x82, 0, 0xff],
      [0x83, 0, 0xff, 0xff],
      [0x84, 0, 0, 0, 9],
      [0xff],
    ]) {
      expect(code(() => string(header, 0x10000).read(OCTET_STRING))).toBe(DAMAGED);
    }
  });

  it("goes no further than the bytes do", () => {
    for (const bytes of [
      [],
      [OCTET_STRING],
      [OCTET_STRING, 1],
      [OCTET_STRING, 3, 9, 9],
      [OCTET_STRING, 0x81],
      [OCTET_STRING, 0x81, 0x80, ...body(0x7f)],
      [OCTET_STRING, 0x82, 1],
      [OCTET_STRING, 0x82, 1, 0, ...body(0xff)],
      [OCTET_STRING, 0x83, 1, 0],
    ]) {
      expect(code(() => reading(...bytes).read(OCTET_STRING))).toBe(DAMAGED);
    }
    expect([reading().next, reading().done, reading(0).done]).toEqual([-1, true, false]);
  });

  it("asks for the tag, enters, and ends where all was read", () => {
    expect(code(() => reading(INTEGER, 0).read(OCTET_STRING))).toBe(DAMAGED);
    const outer = reading(SEQUENCE, 4, INTEGER, 2, 1, 2);
    const inner = outer.enter(SEQUENCE);
    expect([outer.done, inner.next, inner.done]).toEqual([true, INTEGER, false]);
    outer.end();
    expect(code(() => inner.end())).toBe(DAMAGED);
    expect([...inner.read(INTEGER)]).toEqual([1, 2]);
    inner.end();
  });

  it("has of numbers that are not negative one form each", () => {
    const unsigned = (...bytes: readonly number[]) => reading(INTEGER, bytes.length, ...bytes);
    for (const [bytes, number] of [
      [[0], [0]],
      [[1], [1]],
      [[0x7f], [0x7f]],
      [[0, 0x80], [0x80]],
      [
        [1, 0],
        [1, 0],
      ],
      [
        [0, 0xff, 0, 1],
        [0xff, 0, 1],
      ],
    ] as const) {
      expect([...unsigned(...bytes).unsigned()]).toEqual(number);
    }
    for (const bytes of [[], [0x80], [0xff, 0xff], [0, 0], [0, 0x7f], [0, 0, 0x80]]) {
      expect(code(() => unsigned(...bytes).unsigned())).toBe(DAMAGED);
    }
    for (const [bytes, number] of [
      [[0], 0],
      [[3], 3],
      [[0x12, 0x34, 0x56], 0x123456],
      [[0x7f, 0xff, 0xff, 0xff], 2 ** 31 - 1],
      [[0, 0xff, 0xff, 0xff, 0xff], 2 ** 32 - 1],
      [[1, 0, 0, 0, 0], Number.POSITIVE_INFINITY],
    ] as const) {
      expect(unsigned(...bytes).small()).toBe(number);
    }
  });

  it("has of bit strings those of whole bytes", () => {
    expect([...reading(BIT_STRING, 3, 0, 1, 2).bits()]).toEqual([1, 2]);
    expect([...reading(0x81, 2, 0, 7).bits(0x81)]).toEqual([7]);
    expect(reading(BIT_STRING, 1, 0).bits()).toHaveLength(0);
    for (const bytes of [[], [1, 2], [7, 0x80]]) {
      expect(code(() => reading(BIT_STRING, bytes.length, ...bytes).bits())).toBe(DAMAGED);
    }
  });
});

describe("writing DER", () => {
  const written = (element: Der): number[] => {
    const length = derLength(element);
    const target = new Uint8Array(length + 5).fill(0x7e);
    expect(writeDer(element, target, 2)).toBe(2 + length);
    expect([target[0], target[1], ...target.subarray(2 + length)]).toEqual(body(5).fill(0x7e));
    const alone = new Uint8Array(length);
    writeDer(element, alone);
    expect([...target.subarray(2, 2 + length)]).toEqual([...alone]);
    return [...alone];
  };

  it("gives each length in the fewest bytes", () => {
    for (const [length, header] of [
      [0, [0]],
      [0x7f, [0x7f]],
      [0x80, [0x81, 0x80]],
      [0xff, [0x81, 0xff]],
      [0x100, [0x82, 1, 0]],
      [0x1234, [0x82, 0x12, 0x34]],
      [0xffff, [0x82, 0xff, 0xff]],
    ] as const) {
      const expected = [OCTET_STRING, ...header].concat(body(length));
      expect(written(der(OCTET_STRING, body(length)))).toEqual(expected);
    }
  });

  it("counts what stands in front of the content, and what is nested", () => {
    expect(written(der(BIT_STRING, [1, 2], [0]))).toEqual([BIT_STRING, 3, 0, 1, 2]);
    expect(written(derSequence(der(NULL, []), derSequence()))).toEqual([
      SEQUENCE,
      4,
      5,
      0,
      0x30,
      0,
    ]);
    const inner = der(OCTET_STRING, body(0x7e));
    expect(written(der(0xa1, [inner, inner], [5]))).toEqual([
      ...[0xa1, 0x82, 1, 1, 5],
      ...[OCTET_STRING, 0x7e, ...body(0x7e), OCTET_STRING, 0x7e, ...body(0x7e)],
    ]);
  });

  it("gives numbers a sign where their first bit is set, and none elsewhere", () => {
    for (const [bytes, content] of [
      [[0], [0]],
      [
        [0x7f, 1],
        [0x7f, 1],
      ],
      [[0x80], [0, 0x80]],
      [
        [0xff, 0],
        [0, 0xff, 0],
      ],
      [[], [0]],
    ] as const) {
      expect(written(derUnsigned(bytes))).toEqual([INTEGER, content.length, ...content]);
    }
  });
});
