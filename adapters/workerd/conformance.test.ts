import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundleWorker, WORKERD } from "../../testing/adapters/workerd/bundle_worker.ts";

const folder: string = mkdtempSync(join(tmpdir(), "lethe-workerd-"));
/** Before 2025-05-05 a Worker has no FinalizationRegistry. */
const NEW = "2026-10-01";
const OLD = "2025-05-04";
const outputs = new Map<string, string>();

beforeAll(() => {
  for (const date of [NEW, OLD]) {
    const config = bundleWorker("inside.ts", folder, date);
    const run = spawnSync(WORKERD, ["test", config], { encoding: "utf8" });
    outputs.set(date, `${run.stdout}${run.stderr}`);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  ["plain", NEW],
  ["noble", NEW],
  ["plain", OLD],
  ["noble", OLD],
])(
  "keeps every requirement that can be checked from inside, in a real workerd: %s, with the date %s",
  (subject, date) => {
    const output = outputs.get(date) ?? "";
    const results = output.split("\n").filter((line) => line.startsWith(`RESULT ${subject} `));
    expect(results.length, output).toBeGreaterThan(40);
    expect(results.filter((line) => !/ (passed|not given) ?/.test(line))).toEqual([]);
    expect(output).toContain("[ PASS ]");
  },
);

it.each([
  [NEW, "best-effort"],
  [OLD, "none"],
])(
  "seals with noble, rotates, and says what a dropped secret comes to, in a real workerd with the date %s",
  (date, level) => {
    const output = outputs.get(date);
    expect(output).toContain("SEALED true");
    expect(output).toContain("ROTATED true");
    expect(output).toMatch(/OUTSIDE Cannot make random bytes: .*only inside a handler\) 32$/m);
    expect(output).toContain(`COLLECTED ${level}`);
  },
);
