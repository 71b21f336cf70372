import { describe, expect, it } from "vitest";
import { isOfAnotherCopy, kindOf, markKind } from "./kind_of.ts";

const MARK = Symbol.for("lethe:object");
const marked = (mark: unknown): object => ({ [MARK]: mark });
const foreign = (kind: string): object => marked({ version: 1, kind, copy: {} });

describe("kindOf", () => {
  it("names the kind of a value, and quotes nothing of it", () => {
    const values = [null, undefined, [1], "text", 5, 5n, true, Symbol("s"), () => 0, {}];
    expect(values.map(kindOf)).toEqual([
      "null",
      "undefined",
      "an array",
      "a string",
      "a number",
      "a bigint",
      "a boolean",
      "a symbol",
      "a function",
      "an object",
    ]);
  });

  it.each([
    ["SecretBuffer", "a SecretBuffer"],
    ["Enclave", "an Enclave"],
    ["Enclaves", "a Enclaves"],
    ["Secrets", "a Secrets"],
  ] as const)("names a %s of this copy and of another one", (kind, name) => {
    class Own {}
    markKind(Own, kind);
    expect(kindOf(new Own())).toBe(name);
    expect(isOfAnotherCopy(new Own())).toBe(false);
    expect(kindOf(foreign(kind))).toBe(
      `${name} of another copy of Lethe: two are loaded, which npm ls lethe shows; make them one with npm dedupe`,
    );
    expect(isOfAnotherCopy(foreign(kind))).toBe(true);
  });

  it("takes no other mark for one", () => {
    const refusing = new Proxy(
      {},
      {
        get() {
          throw new Error("refused");
        },
      },
    );
    const others = [
      {},
      refusing,
      marked(null),
      marked({ version: 2, kind: "Secrets", copy: {} }),
      marked({ version: 1, kind: "Key", copy: {} }),
      marked({ version: 1, copy: {} }),
      marked({ version: 1, kind: "Secrets" }),
    ];
    expect(others.map(kindOf)).toEqual(others.map(() => "an object"));
    const callable = Object.assign(() => 0, foreign("Secrets"));
    for (const value of [...others, callable, null, undefined, "text", 1]) {
      expect(isOfAnotherCopy(value)).toBe(false);
    }
  });

  it("marks a class for good, by a version that other copies read", () => {
    class Own {}
    markKind(Own, "Secrets");
    const property = Object.getOwnPropertyDescriptor(Own.prototype, MARK);
    expect(property).toMatchObject({ writable: false, enumerable: false, configurable: false });
    expect(property?.value).toMatchObject({ version: 1, kind: "Secrets" });
    expect([property?.value, property?.value.copy].every(Object.isFrozen)).toBe(true);
  });
});
