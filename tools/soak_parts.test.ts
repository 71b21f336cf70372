import { globSync } from "node:fs";
import { expect, it } from "vitest";
import { PARTS } from "./soak_parts.ts";
import { saying } from "./test_files.ts";

/** What stands behind `run` of Vitest, or `test` of Deno and Bun: parts of paths. */
const filters = Object.values(PARTS)
  .flat()
  .flatMap((command) => command.slice(1 + command.findIndex((part) => /^(run|test)$/.test(part))))
  .filter((parameter) => !parameter.startsWith("-"));

/** Whether a file asks for the tier, itself or through a helper in testing/. */
const asksForTheTier = saying(/SOAK/);

it("every test that has a longer form is in a part of the soak", () => {
  const longer = globSync(
    "{adapters,cli,conformance,core,engines,examples,features,memories,system,testing,tools}/**/*.test.ts",
  ).filter(asksForTheTier);
  expect(longer.length).toBeGreaterThan(130);
  expect(longer.filter((file) => !filters.some((filter) => file.includes(filter)))).toEqual([]);
});
