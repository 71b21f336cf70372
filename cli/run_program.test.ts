import { chmodSync, closeSync, copyFileSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, expect, it } from "vitest";
import { runProgram } from "./run_program.ts";

const folder = mkdtempSync(join(tmpdir(), "lethe-run-program-"));
afterAll(() => rmSync(folder, { recursive: true }));

it.skipIf(process.platform !== "linux")(
  "a program that is being written did not start",
  async () => {
    const program = join(folder, "busy");
    copyFileSync("/bin/true", program);
    chmodSync(program, 0o700);
    const writer = openSync(program, "r+");
    expect((await runProgram(program, [], 10_000)).status).toBe(null);
    closeSync(writer);
    expect((await runProgram(program, [], 10_000)).status).toBe(0);
  },
);
