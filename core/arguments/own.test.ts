import vm from "node:vm";
import { afterEach, describe, expect, it } from "vitest";
import { bare, errorCode, has, optional, optionalGlobal, parseJson } from "./own.ts";

const plant = (name: string, value: unknown): void => {
  Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
};
afterEach(() => {
  for (const name of ["planted", "code"]) Reflect.deleteProperty(Object.prototype, name);
});

interface Some {
  readonly planted?: unknown;
}

describe("what somebody put on Object.prototype", () => {
  it("is not read where a property may be absent", () => {
    class Made implements Some {
      get planted(): unknown {
        return "of its class";
      }
    }
    class Heir extends Made {}
    plant("planted", "planted");
    const absent: Some = {};
    const foreign: Some = vm.runInNewContext("({})");
    expect([absent, foreign, Object.create(null)].map((each) => optional(each, "planted"))).toEqual(
      [undefined, undefined, undefined],
    );
    const given = [{ planted: 1 }, new Made(), new Heir(), bare({ planted: 2 })];
    expect(given.map((each: Some) => optional(each, "planted"))).toEqual([
      1,
      "of its class",
      "of its class",
      2,
    ]);
    expect([has(absent, "planted"), has({ planted: 1 }, "planted")]).toEqual([false, true]);
    expect(optionalGlobal("planted")).toBe(undefined);
    expect(optionalGlobal("Array")).toBe(Array);
  });

  it("is in no JSON that is read, at any depth", () => {
    plant("planted", "planted");
    const read = parseJson('{"a":{"b":[{"c":1}]},"__proto__":{"planted":2}}') as {
      readonly a: { readonly b: readonly [Some] } & Some;
    } & Some;
    expect([read.planted, read.a.planted, read.a.b[0].planted]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(read).toEqual(JSON.parse('{"a":{"b":[{"c":1}]},"__proto__":{"planted":2}}'));
    expect([parseJson('"text"'), parseJson("null"), parseJson("[1]")]).toEqual(["text", null, [1]]);
    expect(Object.getPrototypeOf(parseJson("[1]"))).toBe(Array.prototype);
  });

  it("is not a code of an error", () => {
    plant("code", "EINTR");
    const own = Object.assign(new Error("x"), { code: "ENOENT" });
    expect([own, new Error("x"), { code: 5 }, null, "EINTR"].map(errorCode)).toEqual([
      "ENOENT",
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

it("looks a hundred prototypes up, since a proxy may give a chain without an end", () => {
  const chain = (above: number): Some => {
    let at: Some = Object.create({});
    Object.defineProperty(at, "planted", { value: "there" });
    for (let depth = 0; depth < above; depth++) at = Object.create(at);
    return at;
  };
  expect([optional(chain(99), "planted"), optional(chain(100), "planted")]).toEqual([
    "there",
    undefined,
  ]);
  const endless: Some = new Proxy({}, { getPrototypeOf: () => endless });
  expect(optional(endless, "planted")).toBe(undefined);
});
