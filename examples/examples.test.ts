import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  node: [process.execPath],
  deno: ["node_modules/.bin/deno", "run", "--quiet", "--no-prompt", "--allow-read", "--allow-ffi"],
  bun: ["node_modules/.bin/bun"],
};

function run([file = "", ...flags]: readonly string[], ...parameters: readonly string[]): string {
  return execFileSync(file, [...flags, ...parameters], { encoding: "utf8" });
}

describe.each(Object.entries(RUNTIMES))("examples on %s", (_name, runtime) => {
  let folder = "";

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "lethe-example-"));
    writeFileSync(join(folder, "key"), "00112233445566778899aabbccddeeff", { mode: 0o400 });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("first_secret.ts makes a key, uses it and ends it", () => {
    expect(run(runtime, "examples/first_secret.ts").split("\n")).toEqual([
      expect.stringMatching(
        /^(secretmem|pages|sodium) memory, SecretBuffer\(32 bytes, guarded, redacted\), used: true$/,
      ),
      "SecretBuffer(32 bytes, destroyed, redacted), live secrets: 0",
      "",
    ]);
  });

  it("hex_key_from_file.ts reads a key that is never a string", () => {
    expect(run(runtime, "examples/hex_key_from_file.ts", join(folder, "key")).split("\n")).toEqual([
      "SecretBuffer(16 bytes, guarded, redacted), frozen: true",
      "SecretBuffer(16 bytes, destroyed, redacted)",
      "",
    ]);
  });
});
