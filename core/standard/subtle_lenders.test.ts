import { expect, it } from "vitest";
import { sample } from "../../testing/core/samples.ts";
import { SUBTLE_LENDERS } from "../../testing/core/standard/subtle_lenders.ts";
import { checkLender } from "./check_lender.ts";

it.each(Object.entries(SUBTLE_LENDERS))(
  "checkLender names the rule that one breaks which %s",
  (_, { make, breaks }) => {
    expect(checkLender(make(sample(20))).map(({ rule }) => rule)).toEqual(breaks);
  },
);
