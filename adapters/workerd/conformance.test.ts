import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundleWorker, WORKERD } from "../../testing/adapters/workerd/bundle_worker.ts";

const folder: string = mkdtempSync(join(tmpdir(), "lethe-workerd-"));
let output = "";

beforeAll(() => {
  const config = bundleWorker("inside.ts", folder);
  const run = spawnSync(WORKERD, ["test", config], { encoding: "utf8" });
  output = `${run.stdout}${run.stderr}`;
});
afterAll(() => rmSync(folder, { recursive: true }));

it.each(["plain", "noble"])(
  "keeps every requirement that can be checked from inside, in a real workerd: %s",
  (subject) => {
    const results = output.split("\n").filter((line) => line.startsWith(`RESULT ${subject} `));
    expect(results.length, output).toBeGreaterThan(40);
    expect(results.filter((line) => !/ (passed|not given) ?/.test(line))).toEqual([]);
    expect(output).toContain("[ PASS ]");
  },
);

it("seals and opens with noble, in a real workerd", () => {
  expect(output).toContain("SEALED true");
});
