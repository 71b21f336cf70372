import { spawnSync } from "node:child_process";
import process from "node:process";
import { expect, it } from "vitest";
import { requireBuilt } from "../../testing/build_stamp.ts";
import { atHand } from "../../testing/built.ts";

const PROGRAM = `
const before = process.eventNames().join();
const { openSecrets } = await import(${JSON.stringify(atHand("adapters/node/mod.ts"))});
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

const LOADED = `
const { openSecrets } = await import("./dist/adapters/node/doors/main.js");
openSecrets({ memory: process.argv[1] });
console.log(process.moduleLoadList.join());`;

/** Each takes as long to load as all of Lethe. `fs` is there in any case, its promises are not. */
it.each(["secretmem", "heap"])(
  "a first secret in %s loads none of the large modules of Node",
  (memory) => {
    const large =
      /NativeModule (?:child_process|fs\/promises|internal\/fs\/promises|perf_hooks|v8|internal\/crypto\/\w+|net)\b/;
    requireBuilt();
    const bare = spawnSync(
      process.execPath,
      ["--input-type=module", "-e", "console.log(process.moduleLoadList.join())"],
      { encoding: "utf8" },
    );
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ["--input-type=module", "-e", LOADED, memory],
      { encoding: "utf8", env: { ...process.env, NODE_OPTIONS: "" } },
    );
    expect(stderr).toBe("");
    const before = new Set(bare.stdout.trim().split(","));
    const loaded = stdout
      .trim()
      .split(",")
      .filter((name) => !before.has(name));
    expect(loaded.filter((name) => large.test(name))).toEqual([]);
  },
);

const STREAMS = `
const { readFileSync, readdirSync } = await import("node:fs");
const look = () => [0, 1, 2].map((n) => readFileSync("/proc/self/fdinfo/" + n, "latin1").match(/flags:.*/)[0])
  + " " + readdirSync("/proc/self/fd").length;
const before = look();
const { hardenProcess, openKeyFiles, openSecrets } = await import(${JSON.stringify(atHand("adapters/node/mod.ts"))});
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
