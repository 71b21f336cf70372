import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { SOAK } from "../testing/tier.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = (path: string): string => join(root, "node_modules", path);
const node = bin("node-24/bin/node");
const folder = mkdtempSync(join(tmpdir(), "lethe-bind-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a stranger writes: the suite, a memory with one fault, and the runner's own `test`. */
function program(runner: string, end: string): string {
  return `
${runner}
import { bindReport, CASES, describeReport, runConformance } from ${JSON.stringify(join(root, "conformance/mod.ts"))};
import { faultySubject } from ${JSON.stringify(join(root, "testing/faulty/mod.ts"))};

const wanted = CASES.filter(({ id }) => ["M7", "M10", "F1"].includes(id));
const report = await runConformance({ ...faultySubject("no wipe"), name: "mine" }, wanted);
${end}
`;
}

const BIND = "bindReport(report, test);";

/** Each runner as it is started by hand, and what it prints of one passed, one failed, one skipped. */
const RUNNERS = [
  {
    name: "node:test",
    source: program('import { test } from "node:test";', BIND),
    command: [node, "--test", "--test-reporter=tap", "mine.test.ts"],
    says: [/^# pass 1$/m, /^# fail 1$/m, /^# skipped 1$/m],
  },
  {
    name: "vitest",
    source: program('import { test } from "vitest";', BIND),
    command: [node, bin("vitest/vitest.mjs"), "run", "--root", ".", "--maxWorkers=1"],
    says: [/1 failed \| 1 passed \| 1 skipped \(3\)/],
  },
  {
    name: "Deno.test",
    source: program("const { test } = Deno;", BIND),
    command: [bin(".bin/deno"), "test", "-A", "--no-check", "mine.test.ts"],
    says: [/1 passed/, /1 failed/, /1 ignored/],
  },
  {
    name: "bun:test",
    source: program('import { test } from "bun:test";', BIND),
    command: [bin(".bin/bun"), "test", "mine.test.ts"],
    says: [/^ *1 pass$/m, /^ *1 fail$/m, /^ *1 skip$/m],
  },
  {
    name: "no runner",
    source: program(
      "",
      "console.log(describeReport(report)); process.exitCode = report.failed.length;",
    ),
    command: [node, "--no-warnings", "mine.test.ts"],
    says: [/^FAILED M7/m, /^NOT RUN F1/m, /^mine: 1 passed, 1 failed, 0 not given, 1 not run$/m],
  },
] as const;

it.each(RUNNERS.filter(({ name }) => SOAK || name !== "vitest"))(
  "a report is bound to $name: passed, failed and skipped",
  (runner) => {
    const [file = "", ...words] = runner.command;
    if (!existsSync(file)) return expect.unreachable(`${file} is missing: npm ci`);
    writeFileSync(join(folder, "mine.test.ts"), runner.source);
    const { stdout, stderr, status } = spawnSync(file, words, {
      cwd: folder,
      encoding: "utf8",
      timeout: 50_000,
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, VITEST: undefined },
    });
    const text = stdout + stderr;
    expect(status, text).toBe(1);
    for (const said of runner.says) expect(text).toMatch(said);
    expect(text).toContain("a wiped region of 1 bytes is not zero"); // the reason, not only the id
  },
);
