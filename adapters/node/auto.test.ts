import { spawnSync } from "node:child_process";
import process from "node:process";
import { expect, it } from "vitest";
import { faultsOfAuto } from "../../testing/adapters/web/check_auto.ts";
import * as node from "./mod.ts";

it("takes the strongest memory unasked, or says why it did not", () => {
  expect(faultsOfAuto(node)).toEqual([]);
});

it("prints nothing unless it is asked for a memory whose loading prints", () => {
  const program = `import { openSecrets } from ${JSON.stringify(new URL("./mod.ts", import.meta.url))};
    openSecrets().random(32);`;
  const parameters = ["--input-type=module", "--eval", program];
  const { status, stdout, stderr } = spawnSync(process.execPath, parameters, { encoding: "utf8" });
  expect([
    status,
    stdout,
    stderr.replace(/^.*type stripping.*$|^.*trace-warnings.*$/gim, "").trim(),
  ]).toEqual([0, "", ""]);
});
