import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { atHand } from "../../testing/built.ts";
import { Given } from "../command_line/given.ts";
import { readCommandLine } from "../command_line/read_command_line.ts";
import { OPTIONS } from "./help.ts";
import { descriptorIn, readParameters } from "./parameters.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-from-"));
  writeFileSync(join(folder, "token"), "of a file\n", { mode: 0o600 });
  writeFileSync(join(folder, "open"), "of a file\n", { mode: 0o644 });
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function lethe(parameters: readonly string[]): Outcome {
  const command = [process.execPath, atHand("cli/main.ts"), "run", ...parameters];
  const { NODE_OPTIONS: _, ...env } = process.env;
  const options = { input: "of the input\n", env: { ...env, LETHE_TEST_FROM: "of a variable" } };
  return spawnSync("setsid", ["-w", ...command], { ...options, encoding: "utf8", timeout: 60_000 });
}

describe.skipIf(process.platform !== "linux")("lethe run --from", () => {
  it("hands over what each source gives, and takes a variable from the command's environment", () => {
    const from = [
      `file=file:${folder}/token`,
      "variable=env:LETHE_TEST_FROM",
      "program=exec:/bin/echo of a program",
      "input=-",
    ].flatMap((value) => ["--from", value]);
    const script =
      'for n in 3 4 5 6; do cat <&$n; echo; done; echo "$LETHE_FD_INPUT"; env | grep -c LETHE_TEST_FROM; cat';
    const { status, stdout, stderr } = lethe([...from, "--", "sh", "-c", script]);
    expect(stderr).toBe("");
    expect(stdout.split("\n")).toEqual([
      ...["of a file", "of a variable", "of a program", "of the input"],
      ...["6", "0", ""],
    ]);
    expect(status).toBe(0);
  });

  it("starts nothing when a source fails, and says why", () => {
    const { status, stdout, stderr } = lethe([
      ...["--from", `token=file:${folder}/open`, "--", "echo", "started"],
    ]);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/Cannot read secret from file .*its mode is 0644/);
  });
});

it("reads references, and quotes none that is wrong", () => {
  const read = (...parameters: readonly string[]): ReturnType<typeof readParameters> => {
    const given = readCommandLine({ options: OPTIONS, startsProgram: true }, [
      ...parameters,
      ...["--", "true"],
    ]);
    if (given instanceof Given) return readParameters(given);
    throw new Error("not parameters");
  };
  expect(read("--from", "a@7=exec:/bin/echo b=c").wanted).toEqual([
    { name: "a", keyFile: null, isToken: false, descriptor: 7, from: "exec:/bin/echo b=c" },
  ]);
  expect(["fd:12", "fd:x", "-", undefined].map(descriptorIn)).toEqual([
    12,
    undefined,
    undefined,
    undefined,
  ]);
  for (const wrong of ["hunter2", "a=hunter2", "a=file:", "=env:A", "a=http://hunter2"]) {
    expect(() => read("--from", wrong)).toThrow(/^--from takes NAME=file:PATH/);
  }
});
