import { describe, expect, it } from "vitest";
import { sample } from "../../testing/core/samples.ts";
import { FAULTY_LENDERS, NO_LENDERS, simpleLender } from "../../testing/core/standard/lenders.ts";
import { checkLender } from "./check_lender.ts";

describe("checkLender", () => {
  it("finds nothing to say of a lender of ten lines, of any length", () => {
    for (const length of [0, 1, 16, 64, 65, 5000]) {
      expect(checkLender(simpleLender(new Uint8Array(length).map((_, at) => at + 1)))).toEqual([]);
    }
  });

  for (const [name, { make, breaks }] of Object.entries(FAULTY_LENDERS)) {
    it(`names the rule that one breaks which ${name}`, () => {
      const faults = checkLender(make(sample(20)));
      expect(faults.map(({ rule }) => rule)).toEqual(breaks);
      expect(JSON.stringify(faults)).not.toContain("quotes");
    });
  }

  for (const [name, make] of Object.entries(NO_LENDERS)) {
    if (name === "a function") continue;
    it(`names LENDER-1 for ${name}`, () => {
      expect(checkLender(make(sample(20))).map(({ rule }) => rule)).toEqual(["LENDER-1"]);
    });
  }
});
