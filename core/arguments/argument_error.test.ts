import { expect, it } from "vitest";
import { thrown } from "../../testing/core/samples.ts";
import { equalBytes, offHeapBytes } from "../bytes.ts";
import { isArgumentError, outOfRange, wrongType } from "./argument_error.ts";

it("tells the errors that Lethe raised from those of the same type and words", () => {
  const [type, range] = [wrongType("Cannot a b as c"), outOfRange("Cannot a b as c")];
  expect([type.constructor, type.name, range.constructor, range.name]).toEqual([
    TypeError,
    "TypeError",
    RangeError,
    "RangeError",
  ]);
  expect([type, range].every(isArgumentError)).toBe(true);
  const others = [new TypeError("Cannot a b as c"), new RangeError("Cannot a b as c")];
  const heirs = [Object.create(type), structuredClone(type), new Proxy(type, {})];
  expect([...others, ...heirs, null, undefined, "Cannot"].some(isArgumentError)).toBe(false);
});

it("marks what a check raises, and the trace begins there", () => {
  const refused = [
    thrown(() => offHeapBytes(0)),
    thrown(() => offHeapBytes("1" as never)),
    thrown(() => equalBytes("a" as never, "b" as never)),
  ];
  expect(refused.every(isArgumentError)).toBe(true);
  for (const { stack } of refused) expect(stack?.split("\n")[1]).not.toMatch(/argument_error/);
});

it("raises its errors also where the engine captures no trace", () => {
  const capture = Error.captureStackTrace;
  try {
    Reflect.deleteProperty(Error, "captureStackTrace");
    expect(isArgumentError(wrongType("Cannot a b as c"))).toBe(true);
  } finally {
    Error.captureStackTrace = capture;
  }
});
