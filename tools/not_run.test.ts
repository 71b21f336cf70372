import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import process from "node:process";
import { expect, it } from "vitest";
import { SOAK } from "../testing/tier.ts";

/** What it says on a machine with these programs alone. */
function saidWith(environment: Readonly<Record<string, string>>): string {
  const program = `import { whatIsMissing } from ${JSON.stringify(resolve("tools/not_run.ts"))};
    console.log(whatIsMissing().join("\\n"));`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--no-warnings", "--input-type=module-typescript", "--eval", program],
    { encoding: "utf8", env: environment },
  );
  expect(stderr).toBe("");
  return stdout;
}

it("says what was not run for want of a program, and how to have it", () => {
  const bare = saidWith({ PATH: "/nowhere", LETHE_CHROMIUM: "/nowhere/chromium" });
  expect(bare).toMatch(/nothing was run in a browser: there is no \/nowhere\/chromium; apt-get/);
  expect(bare).toMatch(/there is no cc; apt-get install gcc/);
  expect(bare).toMatch(/there is no gdb; apt-get install gdb/);
  expect(bare).toMatch(/npm run soak has all of it/);
});

it.runIf(SOAK)("says nothing of what is there", () => {
  const here = { PATH: process.env["PATH"] ?? "", LETHE_CHROMIUM: process.execPath };
  expect(saidWith({ ...here, LETHE_SOAK: "1" })).not.toMatch(/in a browser|npm run soak/);
});
