import { expect, it } from "vitest";
import { filesAlone, whyAlone } from "./alone.ts";
import { unitTests } from "./unit_tier.ts";

it.each([
  ["core/two_copies.test.ts", "it loads modules a second time, and others would get those"],
  ["memories/pages/pool.test.ts", "it replaces what Lethe takes once, when it is loaded"],
  ["core/registry.test.ts", "it counts what lives in the whole process"],
  ["features/key_files/residue.test.ts", null],
  [
    "testing/environments/bundlers.environment.test.ts",
    "a helper registers hooks when it is loaded: only the first file would have them",
  ],
  ["core/codec.test.ts", null],
])("%s has a process alone where its helpers or itself need that", (path, why) => {
  expect(whyAlone(path)).toBe(why);
});

it("most tests of the unit tier share a process", () => {
  const alone = new Set(filesAlone(unitTests()));
  expect(alone.size).toBeLessThan(unitTests().length / 4);
});
