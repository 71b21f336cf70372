import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

/** A worker that runs what a process can check on itself, and prints a line for each requirement. */
const WORKER = `
import { runtime, openSecrets } from "dist/adapters/workerd/mod.js";
import { FROM_INSIDE } from "dist/conformance/cases/mod.js";
import { runConformance } from "dist/conformance/run_conformance.js";

export default {
  async test() {
    const memory = () => runtime.memories[0].open();
    const { results } = await runConformance({ name: "workerd", memory, openSecrets }, FROM_INSIDE);
    for (const { id, outcome, reason } of results) console.log("RESULT", id, outcome, reason);
  },
};
`;

const folder: string = mkdtempSync(join(tmpdir(), "lethe-workerd-"));
let output = "";

beforeAll(() => {
  const modules = globSync("dist/{core,adapters/workerd,conformance}/**/*.js");
  if (modules.length === 0)
    throw new Error("Cannot test workerd without dist: npm run build first");
  const embedded = modules.map((name) => `(name = "${name}", esModule = embed "${name}")`);
  symlinkSync(resolve("dist"), join(folder, "dist")); // embeds are relative to the configuration
  writeFileSync(join(folder, "worker.js"), WORKER);
  writeFileSync(
    join(folder, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = .worker)]);
const worker :Workerd.Worker = (
  compatibilityDate = "2026-10-01",
  modules = [(name = "worker.js", esModule = embed "worker.js"), ${embedded.join(",\n")}],
);
`,
  );
  const run = spawnSync("node_modules/.bin/workerd", ["test", join(folder, "config.capnp")], {
    encoding: "utf8",
  });
  output = `${run.stdout}${run.stderr}`;
});
afterAll(() => rmSync(folder, { recursive: true }));

it("keeps every requirement that can be checked from inside, in a real workerd", () => {
  const results = output.split("\n").filter((line) => line.startsWith("RESULT"));
  expect(results.length, output).toBeGreaterThan(40);
  expect(results.filter((line) => !/ (passed|not given) ?/.test(line))).toEqual([]);
  expect(output).toContain("[ PASS ]");
});
