import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { derivedNeedle, expectNoResidue, scanCore } from "../../conformance/mod.ts";
import { findCore } from "../../conformance/target/core_file.ts";
import {
  program,
  type Result,
  RUNTIMES,
  startChild,
} from "../../testing/features/key_files/children.ts";
import { FILE_SEED, OTHER_SEED, WITNESS_SEED } from "../../testing/features/key_files/seeds.ts";
import { SOAK } from "../../testing/tier.ts";

const key = derivedNeedle(FILE_SEED, 32, "the key");
const other = derivedNeedle(OTHER_SEED, 32, "another secret");
const witness = derivedNeedle(WITNESS_SEED, 32, "witness");

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lethe-keys-"));
  writeFileSync(join(directory, "key"), key.bytes);
  chmodSync(join(directory, "key"), 0o400);
});
afterEach(() => rmSync(directory, { recursive: true }));

async function misuse(
  runtime: string,
  memory: string,
  what: string,
): Promise<Result & { readonly pid: number }> {
  const command = [...(RUNTIMES[runtime] ?? []), program("crash_probe"), directory, memory, what];
  return await startChild(command, { cwd: directory, core: "unlimited" });
}

const EXPECTED: readonly (readonly [misuse: string, line: RegExp])[] = [
  ["wrong size", /^lethe: ERR_LETHE_KEY_SIZE: Cannot read key file ".*": it holds 32 bytes and 31/],
  ["changed bytes", /^lethe: ERR_LETHE_FROZEN: /],
  ["use after destroy", /^lethe: ERR_LETHE_DESTROYED: /],
];
const installed = Object.keys(RUNTIMES).filter((name) => existsSync(RUNTIMES[name]?.[0] ?? ""));
// One misuse on Node; every one on each runtime in `npm run soak`: core files are huge.
const CASES = installed.flatMap((runtime, index) =>
  EXPECTED.filter((_, number) => SOAK || (number === index && runtime === "node")).map(
    ([what, line]) => [runtime, what, line] as const,
  ),
);

// Heap memory is in a core file, so that only wiping keeps a secret out of it.
describe.skipIf(process.platform !== "linux")("misuse of a key, by default", () => {
  it.each(CASES)(
    "on %s, %s: one line, SIGABRT, no secret in the core file",
    async (runtime, what, line) => {
      const { signal, stdout, stderr, pid } = await misuse(runtime, "heap", what);
      expect([signal, stdout]).toEqual(["SIGABRT", ""]);
      expect(stderr).toMatch(line);
      expect(stderr).toMatch(/^[^\n]+\n$/);
      expectNoResidue({ core: await findCore(directory, pid), needle: [key, other], witness });
    },
  );

  it("control: a process that just aborts leaves both in its core file", async () => {
    const { signal, pid } = await misuse("deno", "heap", "none");
    expect(signal).not.toBeNull();
    const { findings } = scanCore(await findCore(directory, pid), [key, other]) as {
      findings: readonly { needle: string }[];
    };
    expect(new Set(findings.map(({ needle }) => needle))).toEqual(
      new Set(["the key", "another secret"]),
    );
  });
});
