import { expect, it } from "vitest";
import { faultsOf } from "./docstring_rules.ts";

const EXAMPLE = "```ts\ndoors.open(7);\n```";
const doc = { name: "lethe Doors.open", kind: "method", text: "Opens one.", ofType: "" } as const;

it.each([
  [{ ...doc, text: null }, ["has no docstring"]],
  [{ ...doc, kind: "other", text: " " }, ["has no docstring"]],
  [doc, ["has no example", "does not say how it fails"]],
  [{ ...doc, kind: "function" }, ["has no example", "does not say how it fails"]],
  [{ ...doc, text: `Opens one. ${EXAMPLE}` }, ["does not say how it fails"]],
  [{ ...doc, text: "Opens one. @throws {TypeError}" }, ["has no example"]],
  [{ ...doc, text: `Opens one, and never throws. ${EXAMPLE}` }, []],
  [{ ...doc, ofType: `It throws. ${EXAMPLE}` }, []],
  [{ ...doc, name: "lethe Doors.close", ofType: `It throws. ${EXAMPLE}` }, ["has no example"]],
  [{ ...doc, text: "Does not compile: use another." }, []],
  [{ ...doc, name: "lethe/prompt SignalLike.open" }, []],
  [{ ...doc, kind: "number", name: "lethe Doors.wide" }, ["does not say the unit"]],
  [{ ...doc, kind: "number", text: "How many bytes pass." }, []],
  [{ ...doc, kind: "number", name: "lethe Doors.waitMilliseconds" }, []],
  [{ ...doc, kind: "other" }, []],
] as const)("of %o the docstring lacks %j", (given, faults) => {
  expect(faultsOf(given).map((fault) => fault.replace(/^\S+ \S+: /, ""))).toEqual(
    faults.map((fault) => expect.stringContaining(fault)),
  );
});
