import vm from "node:vm";
import { expect, it } from "vitest";
import { isAbortSignal, reasonOf, throwIfAborted, timeOfDate } from "./foreign.ts";

it("reads the time of a Date of any realm or subclass, and of nothing else", () => {
  class Later extends Date {
    override getTime(): number {
      return 0;
    }
  }
  expect(timeOfDate(vm.runInNewContext("new Date(5)"))).toBe(5);
  expect(timeOfDate(new Later(7))).toBe(7);
  expect(timeOfDate(new Date(Number.NaN))).toBeNaN();
  for (const wrong of [5, "2020", null, undefined, {}, Object.create(Date.prototype)]) {
    expect(timeOfDate(wrong)).toBe(null);
  }
});

it("takes a signal of another implementation, and its reason", () => {
  // As jsdom's and older polyfills' are: no class in common, no throwIfAborted, perhaps no reason.
  const foreign = Object.assign(new EventTarget(), { aborted: true });
  const listening = { addEventListener: () => 0, removeEventListener: () => 0 };
  const { signal } = new AbortController();
  expect([foreign, signal, AbortSignal.abort()].every(isAbortSignal)).toBe(true);
  expect(() => throwIfAborted(foreign as never)).toThrow(
    expect.objectContaining({ name: "AbortError" }),
  );
  expect(() => throwIfAborted(AbortSignal.abort("mine"))).toThrow("mine");
  expect(() => throwIfAborted(signal)).not.toThrow();
  expect(() => throwIfAborted(undefined)).not.toThrow();
  expect(reasonOf(AbortSignal.abort(5))).toBe(5);
  const hollow = Object.create(AbortSignal.prototype);
  const callable = Object.assign(() => 0, { aborted: true, ...listening });
  for (const wrong of [
    null,
    {},
    { aborted: false },
    new EventTarget(),
    "signal",
    hollow,
    callable,
  ]) {
    expect(isAbortSignal(wrong)).toBe(false);
  }
});
