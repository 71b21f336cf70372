import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const PROGRAM = fileURLToPath(
  new URL("../testing/conformance/without_dispose.ts", import.meta.url),
);

it("without Symbol.dispose all holds but the requirement about it, which is not run", () => {
  const { stdout, stderr } = spawnSync(process.execPath, [PROGRAM], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual({
    symbols: ["undefined", "undefined"],
    named: [],
    states: ["destroyed", "destroyed", "destroyed"],
    failed: [],
    notRun: ["L9"],
    notDisposed: "this runtime has no Symbol.dispose",
  });
});
