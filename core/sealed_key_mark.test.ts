import { describe, expect, it } from "vitest";
import { ascii, carriesMagic, contains, hasAt, MAGIC, OVERHEAD_BYTES } from "./sealed_key_mark.ts";

const TEXT = "LETHEKEY";
const HEX = Buffer.from(TEXT).toString("hex");
const isMarked = (...parts: (string | readonly number[])[]): boolean =>
  carriesMagic(Buffer.concat(parts.map((part) => Buffer.from(part as string, "latin1"))));

/** The fields behind the mark, and the key's length, of a file of which `cut` bytes are gone. */
function beheaded(cut: number, keyBytes: number): Buffer {
  const file = Buffer.alloc(keyBytes + OVERHEAD_BYTES, 2);
  file.set([...MAGIC, 1, 1, 1]);
  file.writeUInt32LE(keyBytes, 20);
  return file.subarray(cut);
}

describe("the mark of a sealed key file", () => {
  it("is found in any place, in each encoding, and only whole", () => {
    const base64 = [0, 1, 2].map((behind) => {
      const text = Buffer.from(`${"\x01".repeat(behind)}${TEXT}\x01\x01`, "latin1");
      return text.toString("base64").slice(Math.ceil((behind * 4) / 3));
    });
    const marks = [
      TEXT,
      [...TEXT].join("\0"),
      [...TEXT].join("\0\0\0"),
      ...base64.map((text) => text.slice(0, 10)),
    ];
    for (const mark of marks) {
      for (const [before, after] of [
        ["", ""],
        ["", "zz"],
        ["zzz", ""],
        ["L\0T", "z"],
      ] as const) {
        expect(isMarked(before, mark, after)).toBe(true);
        expect(isMarked(before, mark.slice(0, -1), "!", after)).toBe(false);
        expect(isMarked(before, "!", mark.slice(1), after)).toBe(false);
      }
    }
  });

  it("MARK-3: is known from four of its bytes on, alone in the file and behind white space", () => {
    const fronts = ["", " \t\r\n", "\xef\xbb\xbf", "\xef\xbb\xbf\n"];
    for (const front of fronts) {
      for (const length of [1, 2, 3]) expect(isMarked(front, TEXT.slice(0, length))).toBe(false);
      for (const length of [4, 5, 6, 7]) {
        expect(isMarked(front, TEXT.slice(0, length))).toBe(true);
        expect(isMarked(front, TEXT.slice(0, length - 1), "?")).toBe(false);
      }
    }
    expect([isMarked("LETH\n"), isMarked("?LETH"), isMarked("\xef\xbb", "LETH")]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it("MARK-2: is known by the fields behind it, with a part of it cut off", () => {
    for (const front of ["", "\r\n", "\xef\xbb\xbf"]) {
      for (const cut of [1, 4, 7]) {
        const short = [...MAGIC.slice(cut), 1, 1, 1];
        expect(isMarked(front, short)).toBe(true);
        expect(isMarked(front, [...short.slice(0, -1), 2])).toBe(false);
        expect(isMarked(front, [...short.slice(0, -2), 2, 1])).toBe(false);
        expect(isMarked(front, ["?".charCodeAt(0), ...short.slice(1)])).toBe(false);
      }
    }
  });

  it("MARK-2: with all of it gone its length has to fit", () => {
    for (const keyBytes of [1, 32, 0x0120, 0x01_0203]) {
      const file = beheaded(8, keyBytes);
      expect(file.length).toBe(keyBytes + 136);
      expect(carriesMagic(file)).toBe(true);
      expect(carriesMagic(Buffer.concat([Buffer.from("\n"), file]))).toBe(true);
      expect(carriesMagic(file.subarray(0, -1))).toBe(false);
      expect(carriesMagic(Buffer.concat([file, Buffer.from("\n")]))).toBe(false);
    }
    expect(isMarked([1, 1, 1])).toBe(false);
  });

  it("MARK-4: is found in hex behind every part of itself, with prefixes and separators", () => {
    const pairs = HEX.match(/../g) ?? [];
    for (let length = 0; length < HEX.length; length++) {
      expect(isMarked(HEX.slice(0, length), HEX)).toBe(true);
      expect(isMarked(HEX.slice(0, length))).toBe(false);
      expect(isMarked(HEX.slice(0, length), "0", HEX.slice(length + 1))).toBe(HEX[length] === "0");
    }
    for (const join of [":", ", ", "\\x", "0x", "0X", " 0x", "-g-", "/@`G"]) {
      expect(isMarked(join, pairs.join(join))).toBe(true);
      expect(isMarked(join, pairs.join(join).toUpperCase())).toBe(true);
    }
    // A zero that is not a prefix is a digit.
    for (const join of ["0", "00x", "0y", "10x"]) expect(isMarked(pairs.join(join))).toBe(false);
    // The neighbours of the digits and letters in ASCII are none.
    expect(isMarked(HEX.replaceAll("9", ":"))).toBe(false);
    expect(isMarked(HEX.replaceAll("b", "g"))).toBe(false);
  });

  it("MARK-4: is found behind any part of itself and a digit that is none of it", () => {
    // A digit that is none of the mark, at any place, with any part of the mark before and behind it.
    for (const digit of ["4", "5", "c", "8", "b", "9", "a", "f", "A", "F", ""]) {
      for (let end = 0; end <= HEX.length; end++) {
        for (let start = 0; start <= HEX.length; start++) {
          const text = HEX.slice(0, end) + digit + HEX.slice(start);
          if (isMarked(text) !== text.toLowerCase().includes(HEX)) expect(text).toBe("known");
        }
      }
    }
  });
});

it("contains and hasAt compare whole patterns inside the bytes", () => {
  const bytes = Uint8Array.of(1, 2, 1, 2, 3);
  expect([contains(bytes, [1, 2, 3]), contains(bytes, [1, 3]), contains(bytes, [3, 0])]).toEqual([
    true,
    false,
    false,
  ]);
  expect(contains(bytes, [1, 2, 1, 2, 3])).toBe(true);
  expect([hasAt(bytes, 2, [1, 2, 3]), hasAt(bytes, 1, [1, 2]), hasAt(bytes, 4, [3, 4])]).toEqual([
    true,
    false,
    false,
  ]);
  expect(ascii("aZ")).toEqual([97, 90]);
});
