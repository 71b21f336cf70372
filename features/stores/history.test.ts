import { expect, it } from "vitest";
import { type Event, faultOf } from "../../testing/features/stores/history.ts";

const bytes = (value: number): Uint8Array<ArrayBuffer> => new Uint8Array(8).fill(value);

function write(
  began: number,
  ended: number,
  expected: string | null,
  revision: string | null,
  value: number,
): Event {
  return { what: "write", began, ended, expected, revision, bytes: bytes(value) };
}

function read(began: number, ended: number, revision: string | null, value: number): Event {
  const found = revision === null ? null : { revision, envelope: bytes(value) };
  return { what: "read", began, ended, found };
}

const GOOD: readonly Event[] = [
  read(0, 1, null, 0),
  write(1, 4, null, "10", 1),
  read(2, 5, null, 0), // while it was written
  read(3, 5, "10", 1),
  write(5, 9, "10", "12", 2),
  write(6, Infinity, "10", null, 3),
  read(10, 11, "12", 2),
];

it("a history is sound where each operation has its place", () => {
  expect(faultOf(GOOD)).toBeNull();
  const unsure = [...GOOD.slice(0, 4), write(5, Infinity, "10", null, 3), read(6, 7, "11", 3)];
  expect(faultOf(unsure)).toBeNull();
});

it.each<readonly [string, readonly Event[]]>([
  ["two writes replaced 10", [write(12, 13, "10", "14", 4)]],
  ["two writes have revision 12", [write(12, 13, "12", "12", 4)]],
  ["a write is before what it replaced", [write(12, 13, "20", "14", 4)]],
  ["revision 12 is not what was written", [read(12, 13, "12", 9)]],
  ["revision 13 is not what was written", [read(12, 13, "13", 9)]],
  ["what began after revision 12 was known has 10", [read(12, 13, "10", 1)]],
  ["what began after revision 10 was known has 0", [read(12, 13, null, 0)]],
])("a history is not: %s", (fault, more) => {
  expect(faultOf([...GOOD, ...more])).toBe(fault);
});
