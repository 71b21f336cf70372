import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { failures, skippedByFile } from "./test_report.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-report-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function report(testResults: readonly object[]): string {
  const path = join(folder, "report.json");
  writeFileSync(path, JSON.stringify({ testResults }));
  return path;
}

it("names the files in which tests were skipped, with how many", () => {
  const results = (name: string, ...statuses: readonly string[]): object => ({
    name: resolve(name),
    assertionResults: statuses.map((status) => ({ status })),
  });
  const path = report([
    results("adapters/web/residue.test.ts", "skipped", "passed", "pending"),
    results("core/bytes.test.ts", "passed", "failed"),
  ]);
  expect(skippedByFile(path)).toEqual(["adapters/web/residue.test.ts: 2"]);
});

it("names each test that failed with its cause on one line, and a file that could not be loaded", () => {
  const path = report([
    {
      name: resolve("core/bytes.test.ts"),
      status: "failed",
      assertionResults: [
        {
          status: "failed",
          fullName: "bytes are wiped",
          failureMessages: ["Error: 1\n    at x:2"],
        },
        { status: "passed", fullName: "bytes are copied", failureMessages: [] },
        { status: "failed", fullName: "bytes are long", failureMessages: ["a".repeat(1000)] },
      ],
    },
    {
      name: resolve("core/json.test.ts"),
      status: "failed",
      message: "SyntaxError: here",
      assertionResults: [],
    },
    { name: resolve("core/clock.test.ts"), status: "passed", assertionResults: [] },
  ]);
  expect(failures(path)).toEqual([
    "core/bytes.test.ts: bytes are wiped: Error: 1 at x:2",
    `core/bytes.test.ts: bytes are long: ${"a".repeat(400)}...`,
    "core/json.test.ts: SyntaxError: here",
  ]);
});

it("has nothing to tell where a runner died before its report", () => {
  const path = join(folder, "none.json");
  expect([...skippedByFile(path), ...failures(path)]).toEqual([]);
});
