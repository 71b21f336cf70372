import { spawnSync } from "node:child_process";
import process from "node:process";
import { expect, it } from "vitest";
import { atHand } from "../../testing/built.ts";

function lethe(...parameters: readonly string[]): ReturnType<typeof run> {
  return run([atHand("cli/main.ts"), "custodian", ...parameters]);
}

function run(parameters: readonly string[]): { status: number | null; stdout: string } {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return spawnSync(process.execPath, parameters, { encoding: "utf8", env, timeout: 60_000 });
}

it("lethe custodian status prints what is true of a custodian here", () => {
  const { status, stdout } = lethe("status", "--require-secure-heap", "--json");
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    runtime: `node ${process.versions.node}`,
    atRest: { key: "secure heap and guarded memory", total: 32_768 },
    hardening: { "no-inspector": { outcome: "done" }, "core-limit": { outcome: "done" } },
  });
  expect(lethe("start").status).toBe(2);
});
