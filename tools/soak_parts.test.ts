import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { PARTS } from "./soak_parts.ts";

/** What stands behind `run` of Vitest, or `test` of Deno and Bun: parts of paths. */
const filters = Object.values(PARTS)
  .flat()
  .flatMap((command) => command.slice(1 + command.findIndex((part) => /^(run|test)$/.test(part))))
  .filter((parameter) => !parameter.startsWith("-"));

const known = new Map<string, boolean>();

/** Whether a file asks for the tier, itself or through a helper in testing/. */
function asksForTheTier(file: string): boolean {
  const before = known.get(file);
  if (before !== undefined) return before;
  known.set(file, false);
  const text = readFileSync(file, "utf8");
  const helpers = [...text.matchAll(/from "(\.[^"]+\.ts)"/g)]
    .map(([, path = ""]) => join(dirname(file), path))
    .filter((path) => path.startsWith("testing/"));
  const asks = text.includes("SOAK") || helpers.some(asksForTheTier);
  known.set(file, asks);
  return asks;
}

it("every test that has a longer form is in a part of the soak", () => {
  const longer = globSync(
    "{adapters,cli,conformance,core,engines,examples,features,memories,system,testing,tools}/**/*.test.ts",
  ).filter(asksForTheTier);
  expect(longer.length).toBeGreaterThan(130);
  expect(longer.filter((file) => !filters.some((filter) => file.includes(filter)))).toEqual([]);
});
