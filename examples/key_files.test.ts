import { spawnSync } from "node:child_process";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SOAK } from "../testing/tier.ts";

const DENO = ["node_modules/.bin/deno", "run", "--quiet", "--no-prompt"];
const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  node: [process.execPath],
  deno: [...DENO, "--allow-read", "--allow-write", "--allow-ffi"],
  bun: ["node_modules/.bin/bun"],
};

/** `npm run soak` takes every runtime. */
const CHOSEN = Object.entries(RUNTIMES).filter(([name]) => SOAK || name === "node");

describe.each(CHOSEN)("key file examples on %s", (_name, [file = "", ...flags]) => {
  let folder = "";
  const path = (): string => join(folder, "key");
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lethe-example-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function run(example: string, input: string): readonly string[] {
    writeFileSync(join(folder, "input"), input);
    const stdin = openSync(join(folder, "input"), "r");
    const { stdout, stderr, status } = spawnSync(file, [...flags, example, path()], {
      encoding: "utf8",
      stdio: [stdin, "pipe", "pipe"],
    });
    closeSync(stdin);
    rmSync(join(folder, "input"));
    expect([status, stderr]).toEqual([0, ""]);
    return stdout.split("\n");
  }

  it("key_file.ts makes, reads, rotates and removes a key", () => {
    expect(run("examples/key_file.ts", "")).toEqual([
      "SecretBuffer(32 bytes, guarded, redacted), frozen: true, mode 0400",
      "the old key is what was read: true, the new one: false",
      "live secrets: 0",
      "",
    ]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("sealed_key_pair.ts keeps a key pair under a passphrase", () => {
    expect(run("examples/sealed_key_pair.ts", "correct horse\n")).toEqual([
      "sealed, 3 passes over 64 MiB",
      "the same key pair: true, its secret: SecretBuffer(64 bytes, guarded, redacted)",
      "live secrets: 0",
      "",
    ]);
    expect(statSync(path())).toMatchObject({ size: 176, mode: 0o100400 });
  });
});
