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

const STREAMS = `
const { readFileSync, readdirSync } = await import("node:fs");
const look = () => [0, 1, 2].map((n) => readFileSync("/proc/self/fdinfo/" + n, "latin1").match(/flags:.*/)[0])
  + " " + readdirSync("/proc/self/fd").length;
const before = look();
const { hardenProcess, openKeyFiles, openSecrets } = await import("./adapters/node/mod.ts");
openKeyFiles(openSecrets({ memory: "heap" }));
if (look() !== before) throw new Error(before + " became " + look());
`;

it.skipIf(process.platform !== "linux")(
  "importing leaves standard input and output as they are for those who share them",
  () => {
    const command = [process.execPath, "--input-type=module", "--no-warnings", "-e", STREAMS];
    // Pipes of a shell: the ones of a test runner may not wait already.
    const { status, stderr } = spawnSync("sh", ["-c", 'echo | "$@" | cat', "sh", ...command], {
      encoding: "utf8",
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    expect([status, stderr]).toEqual([0, ""]);
  },
);
