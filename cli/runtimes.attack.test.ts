import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UsageError } from "./command_line/usage_error.ts";
import { probeEnvironment } from "./probe_environment.ts";
import { runProgram } from "./run_program.ts";
import { findRuntimes } from "./runtimes.ts";

const { PATH, NODE_OPTIONS } = process.env;
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-path-"));
});
afterEach(() => {
  process.env["PATH"] = PATH;
  if (NODE_OPTIONS === undefined) delete process.env["NODE_OPTIONS"];
  else process.env["NODE_OPTIONS"] = NODE_OPTIONS;
  rmSync(folder, { recursive: true });
});

/** A program that calls itself Bun, and writes down that it was started. */
function plant(place: string, mode: number = 0o755): string {
  mkdirSync(join(folder, place), { recursive: true });
  const file = join(folder, place, "bun");
  writeFileSync(file, `#!/bin/sh\necho "$PATH" > ${folder}/started\necho 9.9.9\n`);
  chmodSync(file, mode);
  return file;
}

function wasStarted(): boolean {
  return existsSync(join(folder, "started"));
}

describe.skipIf(process.platform === "win32")("a runtime that is not started", () => {
  it.each([
    ["in a node_modules/.bin", "project/node_modules/.bin"],
    ["in one by another spelling", "project/node_modules/./.bin/"],
  ])("is %s, and is listed", async (_, place) => {
    const file = plant(place);
    process.env["PATH"] = `${folder}/${place}`;
    const { runtimes, leftOut } = await findRuntimes([]);
    expect(wasStarted()).toBe(false);
    expect(runtimes).toMatchObject([{ found: "it runs this command" }]);
    expect(leftOut).toEqual([
      { executable: file, reason: "any dependency may put a program there" },
    ]);
  });

  it("is behind a link to such a folder", async () => {
    plant("project/node_modules/.bin");
    symlinkSync(join(folder, "project/node_modules/.bin"), join(folder, "tools"));
    process.env["PATH"] = join(folder, "tools");
    await findRuntimes([]);
    expect(wasStarted()).toBe(false);
  });

  it.each([["project"], [""], ["."], ["./project"]])(
    "is at the entry %j of PATH",
    async (entry) => {
      plant("project");
      plant(".");
      const before = process.cwd();
      process.chdir(folder);
      try {
        process.env["PATH"] = `${entry}:/nowhere`;
        await findRuntimes([]);
      } finally {
        process.chdir(before);
      }
      expect(wasStarted()).toBe(false);
    },
  );

  it("is one that another user can change, and is listed", async () => {
    const file = plant("shared", 0o777);
    process.env["PATH"] = join(folder, "shared");
    const { leftOut } = await findRuntimes([]);
    expect(wasStarted()).toBe(false);
    expect(leftOut).toMatchObject([
      { executable: file, reason: expect.stringContaining("can write") },
    ]);
  });

  it("hands nothing of such a folder to those that are", async () => {
    plant("tools");
    plant("project/node_modules/.bin");
    process.env["PATH"] = `${folder}/project/node_modules/.bin:.::${folder}/tools:/bin`;
    process.env["NODE_OPTIONS"] = "--require=/nowhere/planted.cjs";
    const { runtimes } = await findRuntimes([]);
    expect(runtimes.map(({ title }) => title)).toContain("bun 9.9.9");
    const { stdout } = await runProgram("/bin/cat", [join(folder, "started")], 10_000);
    expect(stdout).toBe(`${folder}/tools:/bin\n`);
    expect(probeEnvironment(join(folder, "tools/bun"))["NODE_OPTIONS"]).toBeUndefined();
    expect(probeEnvironment(process.execPath)["NODE_OPTIONS"]).toContain("planted");
  });
});

describe.skipIf(process.platform === "win32")("--runtime", () => {
  it("examines what is named, wherever it is, and lists it as left out no longer", async () => {
    const file = plant("project/node_modules/.bin");
    process.env["PATH"] = join(folder, "project/node_modules/.bin");
    const { runtimes, leftOut } = await findRuntimes([file]);
    expect(runtimes).toContainEqual({
      kind: "bun",
      title: "bun 9.9.9",
      version: "9.9.9",
      executable: file,
      found: "--runtime",
    });
    expect(leftOut).toEqual([]);
  });

  it("is refused for what is no runtime", async () => {
    await expect(findRuntimes([process.execPath, "/bin/true"])).rejects.toThrow(
      new UsageError("the file of --runtime 2 is not Node.js 22, Deno 2 or Bun 1, or newer"),
    );
  });
});
