import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkName, MAX_NAME, quoted } from "./names.ts";

describe("a name", () => {
  it("is any text of 1 to 256 bytes, and the same in every normal form", () => {
    for (const name of ["a", "\u0000", "x".repeat(MAX_NAME), "é".repeat(128), "\n\u202e🔑"]) {
      expect(checkName(name, "name")).toBe(name);
    }
    const spellings = ["Zo\u00eb", "Zoe\u0308"];
    expect(new Set(spellings.map((one) => checkName(one, "name"))).size).toBe(1);
    // Of 257 bytes as it is spelt here, and of 256 as it is kept.
    expect(checkName(`${"x".repeat(254)}e\u0301`, "name")).toBe(`${"x".repeat(254)}é`);
  });

  it.each([
    ["", TypeError, /must be a string that is not empty/],
    [7, TypeError, /must be a string: current value is a number/],
    ["\ud800", TypeError, /no half of a surrogate pair/],
    ["a\udc00b", TypeError, /no half of a surrogate pair/],
    ["x".repeat(257), RangeError, /256 bytes of UTF-8 at most: current value has 257/],
    ["é".repeat(129), RangeError, /current value has 258/],
    ["\ufb2c".repeat(64), RangeError, /current value has 384/], // it becomes longer in normal form C
  ])("%j is none", (value, kind, said) => {
    const check = (): string => checkName(value, "name");
    expect(check).toThrow(kind);
    expect(check).toThrow(said);
  });

  it("is shown without anything that acts on a terminal or ends the line", () => {
    expect(quoted("a\n\u001b[31m\u0085\u202e\u2028\u{e0041}é")).toBe(
      '"a\\n\\u001b[31m\\u{85}\\u{202e}\\u{2028}\\u{e0041}é"',
    );
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 20 }), (name) => {
        expect(quoted(name)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
