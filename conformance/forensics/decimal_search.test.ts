import { describe, expect, it, vi } from "vitest";
import { derivedNeedle } from "./derived_needle.ts";
import { FastSearch } from "./fast_search.ts";
import { prepareNeedle } from "./needle.ts";
import { type Run, RunCollector } from "./run_collector.ts";
import { Sweep } from "./sweep.ts";
import { WorkingMemory } from "./working_memory.ts";

const working = new WorkingMemory();

vi.setConfig({ testTimeout: 60_000 });

const BASE = 0x7f0000000000;

function searcher(secret: Uint8Array): FastSearch {
  return new FastSearch([prepareNeedle({ label: "needle", bytes: secret }, 16, working)], working);
}

function found(
  search: FastSearch,
  text: string,
  encoding: "latin1" | "utf16le",
  chunkBytes = 2 ** 16,
): Run[] {
  const memory = Buffer.from(text, encoding);
  const collector = new RunCollector(1000);
  const sweep = new Sweep(search, chunkBytes, (...run) => collector.add(...run), working);
  for (let at = 0; at < memory.length; ) {
    const space = sweep.space(BASE + at, memory.length - at);
    space.set(memory.subarray(at, at + space.length));
    sweep.filled(space.length);
    at += space.length;
  }
  sweep.finish();
  return collector.finish();
}

const three = derivedNeedle(4, 16).bytes.map((byte) => 100 + (byte % 156));
const SECRETS = {
  "of any length": derivedNeedle(4, 16).bytes,
  "of three digits": three,
  "of two digits": three.map((byte) => 10 + (byte % 90)),
  "of one digit": three.map((byte) => byte % 10),
};
const SEPARATORS = [
  ",",
  ", ",
  " ",
  ",  ",
  ",   ",
  "\n",
  ",\n",
  ",\n  ",
  ",\r\n\t",
  "\t",
  ",\t",
  `,${" ".repeat(16)}`,
  " ".repeat(16),
];

describe.each(Object.entries(SECRETS))("numbers %s", (_, secret) => {
  const search = searcher(secret);

  it.each(SEPARATORS)(
    "are found with %j between them, at every shift, in one byte and in two",
    (separator) => {
      const text = secret.join(separator);
      for (let shift = 0; shift < 4; shift += 1) {
        for (const [before, behind] of [
          ["[", "]"],
          ["x", "x"],
          ["x 7;", ";7"],
        ] as const) {
          const whole = "_".repeat(shift) + before + text + behind;
          const expected = {
            start: BASE + whole.indexOf(text),
            end: BASE + whole.indexOf(text) + text.length,
          };
          expect(found(search, whole, "latin1")).toMatchObject([
            { encoding: "decimal", coveredBytes: 16, ...expected },
          ]);
          // An odd number of bytes before makes the two-byte text begin at an odd address.
          const odd = `${"_".repeat(shift)}${Buffer.from(before + text + behind, "utf16le").toString("latin1")}`;
          expect(found(search, odd, "latin1")).toMatchObject([
            { encoding: "decimal-utf16", coveredBytes: 16 },
          ]);
        }
      }
    },
  );
});

it("columns of any width are one text, as the inspectors print them", () => {
  const secret = SECRETS["of any length"];
  const lines = [0, 6, 12].map((from) =>
    [...secret.subarray(from, from + 6)].map((n) => String(n).padStart(4)).join(","),
  );
  expect(
    found(searcher(secret), `Uint8Array(16) [\n${lines.join(",\n")}\n]`, "latin1"),
  ).toMatchObject([{ coveredBytes: 16 }]);
});

it("copies that stand close together are all found", () => {
  const secret = SECRETS["of any length"];
  for (const between of [";", "][", ",,", ", , ", "x", ` ${" ".repeat(20)}`]) {
    const text = Array.from({ length: 5 }, () => secret.join(",")).join(between);
    expect(found(searcher(secret), text, "latin1").map(({ coveredBytes }) => coveredBytes)).toEqual(
      [16, 16, 16, 16, 16],
    );
  }
  const joined = Array.from({ length: 50 }, () => secret.join(",")).join(",");
  expect(found(searcher(secret), joined, "latin1")).toHaveLength(50);
});

it("a number with other digits, or separated otherwise, is another number", () => {
  const secret = three;
  const search = searcher(secret);
  const text = secret.join(",");
  for (const other of [
    `1${text}`,
    `${text}1`,
    text.replace(",", ",0"),
    text.replace(",", ",,"),
    text.replace(",", " ,"),
    text.replace(",", `,${" ".repeat(17)}`),
  ]) {
    expect(found(search, `[${other}]`, "latin1")).toEqual([]);
  }
});

it("a number that goes on in the next window is not taken for a shorter one", () => {
  const secret = three;
  const search = searcher(secret);
  // 15 numbers of the secret, and one whose digits begin or end like the missing one.
  const falseEnd = `[${secret.subarray(0, 15).join(",")},${secret[15]}7]`;
  const falseStart = `[1${secret[0]},${secret.subarray(1).join(",")}]`;
  const length = search.longestRun + 200;
  for (const text of [falseEnd, falseStart]) {
    for (let at = 0; at + text.length < length; at += 1) {
      const memory = "_".repeat(at) + text + "_".repeat(length - at - text.length);
      for (const encoding of ["latin1", "utf16le"] as const)
        expect(found(search, memory, encoding, 8)).toEqual([]);
    }
  }
});
