import { expect, it } from "vitest";
import { checkCost, isWithin, LARGEST_COST, LEAST_MEMORY, readCost } from "./argon2_cost.ts";
import { MOST_VERIFY_COST } from "./password_hash.ts";

const most = { passes: 4, memoryBytes: 16 * 1024 };

it("the bounds are those that are written down", () => {
  expect(LARGEST_COST).toEqual({ passes: 4_294_967_295, memoryBytes: 4_294_966_272 });
  expect(MOST_VERIFY_COST).toEqual({ passes: 16, memoryBytes: 268_435_456 });
  expect(LEAST_MEMORY).toBe(8192);
});

it("a cost is within another by its memory, and by its work", () => {
  for (const [passes, kibibytes, isIn] of [
    [4, 16, true],
    [8, 8, true],
    [1, 16, true],
    [5, 16, false],
    [9, 8, false],
    [1, 17, false],
  ] as const) {
    const cost = { passes, memoryBytes: kibibytes * 1024 };
    expect(isWithin(cost, most)).toBe(isIn);
    if (isIn) expect(readCost(cost, "seal", "cost", most)).toEqual(cost);
    else expect(() => readCost(cost, "seal", "cost", most)).toThrow(RangeError);
  }
});

it("a cost that is none is refused, by the part that is wrong", () => {
  for (const [cost, message] of [
    [{}, "Cannot seal as passes must be a number"],
    [
      { passes: 0, memoryBytes: 8192 },
      "Cannot seal as passes must be an integer from 1 to 4294967295",
    ],
    [{ passes: 2 ** 32, memoryBytes: 8192 }, "Cannot seal as passes must be an integer"],
    [{ passes: 1 }, "Cannot seal as memoryBytes must be a number"],
    [
      { passes: 1, memoryBytes: 7168 },
      "Cannot seal as memoryBytes must be an integer from 8192 to 16384",
    ],
    [
      { passes: 1, memoryBytes: 8193 },
      "Cannot seal as memoryBytes must be a multiple of 1024: current value is 8193",
    ],
    [
      { passes: 5, memoryBytes: 16_384 },
      "Cannot seal as 5 passes over 16384 bytes are more work than 4 passes over 16384 bytes",
    ],
  ] as const) {
    expect(() => checkCost(cost, "seal", most)).toThrow(message);
  }
  expect(() => checkCost({ passes: 1, memoryBytes: 8192 }, "seal", most, 9216)).toThrow(
    "memoryBytes must be an integer from 9216",
  );
  const cost = checkCost({ passes: 1, memoryBytes: 8192 }, "seal", most);
  expect([cost, Object.isFrozen(cost)]).toEqual([{ passes: 1, memoryBytes: 8192 }, true]);
  expect(() => readCost(5 as never, "seal", "limit", most)).toThrow(
    "Cannot seal as limit must be a plain object",
  );
});
