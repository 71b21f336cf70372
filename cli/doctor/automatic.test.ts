import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterEach, expect, it } from "vitest";
import { listMemories } from "./examine.ts";
import { render } from "./render.ts";

const WITHOUT = fileURLToPath(
  new URL("../../testing/adapters/node/without_koffi.cjs", import.meta.url),
);
const PLAIN = { strong: String, faint: String, good: String, warn: String, bad: String };
const here = {
  kind: "node" as const,
  title: "node here",
  version: process.versions.node,
  executable: process.execPath,
  found: "it runs this test",
};

const { NODE_OPTIONS } = process.env;
afterEach(() => {
  if (NODE_OPTIONS === undefined) delete process.env["NODE_OPTIONS"];
  else process.env["NODE_OPTIONS"] = NODE_OPTIONS;
});

it("doctor says what openSecrets() takes, and how to have what is stronger", async () => {
  const { memories, automatic } = await listMemories(here);
  expect(memories).toContain(automatic?.memory);
  process.env["NODE_OPTIONS"] = `--require=${WITHOUT}`;
  const without = await listMemories(here);
  expect(without.automatic?.memory).toBe("sodium");
  const text = render(
    {
      machine: "",
      runtimes: [here],
      leftOut: [],
      automatic: without.automatic === null ? {} : { [here.title]: without.automatic },
      examinations: [],
      conditions: [],
      failures: [],
      duration: 0,
    },
    PLAIN,
    1000,
  );
  expect(text).toMatch(
    /openSecrets\(\) takes sodium\n +not secretmem: .*npm install koffi.*\n +not/,
  );
});
