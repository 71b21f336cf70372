import { describe, expect, it } from "vitest";
import type { Argon2Cost } from "../../core/contract/cost.ts";
import { contentOf, costOfSuccessor, headerOf, type KeyFileContext } from "./contents.ts";

const MEBIBYTE = 2 ** 20;
const cost = (passes: number, mebibytes: number): Argon2Cost => ({
  passes,
  memoryBytes: mebibytes * MEBIBYTE,
});

/** What a file is sealed at, where so much work (passes times mebibytes) is opened at most. */
function successor(usual: Argon2Cost, before: Argon2Cost, most: number, asked?: Argon2Cost) {
  const context = { cost: usual, mostCost: cost(1, most) } as KeyFileContext;
  return costOfSuccessor(context, before, asked);
}

describe("what takes the place of a sealed file", () => {
  it("is sealed at what the call names, whatever was before", () => {
    expect(successor(cost(3, 64), cost(9, 256), 4096, cost(1, 8))).toEqual(cost(1, 8));
  });

  it("has as much memory and as much work as before and as is usual", () => {
    expect(successor(cost(3, 4), cost(1, 8), 64)).toEqual(cost(2, 8));
    expect(successor(cost(1, 8), cost(3, 4), 64)).toEqual(cost(2, 8));
    expect(successor(cost(3, 64), cost(1, 8), 1024)).toEqual(cost(3, 64));
    expect(successor(cost(1, 8), cost(3, 64), 1024)).toEqual(cost(3, 64));
    expect(successor(cost(2, 8), cost(2, 8), 16)).toEqual(cost(2, 8));
  });

  it("is the stronger of the two where both together are more than is opened here", () => {
    expect(successor(cost(3, 4), cost(1, 8), 16)).toEqual(cost(2, 8));
    expect(successor(cost(3, 4), cost(1, 8), 15)).toEqual(cost(3, 4));
    expect(successor(cost(1, 8), cost(3, 4), 15)).toEqual(cost(3, 4));
  });
});

it("a key is sealed at no cost that could not be opened again, or that is too little", () => {
  const context = { engineFor: () => ({}), mostCost: cost(4, 16) } as unknown as KeyFileContext;
  const seal = (asked: Argon2Cost) => () =>
    contentOf(context, {} as never, {} as never, headerOf(32), {} as never, asked);
  for (const asked of [cost(5, 16), cost(1, 17), { passes: 1, memoryBytes: 8192 }]) {
    expect(seal(asked)).toThrow(RangeError);
    expect(seal(asked)).toThrow(/^Cannot seal key file as /);
  }
});

it("a key is described as its file says it", () => {
  expect(headerOf(7)).toEqual({ type: "symmetric", keyBytes: 7 });
  expect(headerOf("x25519")).toEqual({ type: "x25519", keyBytes: 32 });
});
