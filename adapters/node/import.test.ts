import { spawnSync } from "node:child_process";
import process from "node:process";
import { expect, it } from "vitest";

const PROGRAM = `
const before = process.eventNames().join();
const { openSecrets } = await import("./adapters/node/mod.ts");
if (process.eventNames().join() !== before) throw new Error("importing installed a handler");
openSecrets({ memory: "heap" }).random(32).destroy();
if (process.eventNames().join() !== before) throw new Error("opening installed a handler");
`;

it("importing and opening install no handler on the process and print nothing", () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "--no-warnings", "-e", PROGRAM],
    { encoding: "utf8", env: { ...process.env, NODE_OPTIONS: "" } },
  );
  expect([status, stdout, stderr]).toEqual([0, "", ""]);
});
