import { afterEach, describe, expect, it, vi } from "vitest";
import { PLANTS, secretOf } from "../../testing/forensics/plants.ts";
import { beside, RUNTIMES, startTarget, type Target } from "../../testing/forensics/processes.ts";
import { scanned } from "../../testing/forensics/scans.ts";
import { SOAK } from "../../testing/tier.ts";
import { derivedNeedle } from "./derived_needle.ts";
import type { Needle } from "./needle.ts";

// Patience for a loaded machine: alone, each test takes about a second or less.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const targets: Target[] = [];
afterEach(async () => {
  for (const target of targets.splice(0)) await target.stop();
});

async function start(command: readonly string[]): Promise<Target> {
  const target = await startTarget(command);
  targets.push(target);
  return target;
}

const PLANTED: readonly Needle[] = PLANTS.map((plant) => ({
  label: plant.title,
  bytes: secretOf(plant),
}));
const ABSENT = derivedNeedle(9, 32, "absent");

/** One of V8 and one of JavaScriptCore; in the soak each. */
const CHOSEN = RUNTIMES.filter(({ name }) => SOAK || name === "node-24" || name === "bun");

describe.each(CHOSEN)("in a $name target", ({ name, engine, command, missing }) => {
  const suffix = missing === null ? "" : ` (did not run: ${missing})`;

  it.skipIf(missing !== null)(
    `every planted value is found, and nothing else${suffix}`,
    async () => {
      const target = await start([...command, beside("target.ts"), "plants"]);
      const { findings, truncated } = scanned(target.pid, [...PLANTED, ABSENT]);
      const lost = PLANTS.filter(({ title, expected }) => {
        const encoding = typeof expected === "string" ? expected : expected[engine];
        return !findings.some(
          (finding) =>
            finding.needle === title && finding.complete && finding.encoding === encoding,
        );
      });
      expect(lost.map(({ title }) => title)).toEqual([]);
      expect(findings.filter(({ needle }) => needle === "absent")).toEqual([]);
      expect(truncated).toBe(false);
    },
  );

  it.skipIf(missing !== null)(`nothing is found where nothing was planted${suffix}`, async () => {
    const target = await start([...command, beside("target.ts"), "nothing"]);
    const report = scanned(target.pid, [...PLANTED, ABSENT], { fragmentBytes: 12 });
    expect(report.findings).toEqual([]);
    expect(report.bytesScanned).toBeGreaterThan(name === "bun" ? 1e6 : 5e6);
  });
});
