import { readFileSync } from "node:fs";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { program, RUNTIMES, run } from "../../testing/memories/sodium/run.ts";
import { SOAK } from "../../testing/tier.ts";

const LINUX = process.platform === "linux";
const ROOT_USER = process.getuid?.() === 0;

/** What runs out, and what the program says then. */
const HARDSHIPS: readonly (readonly [hardship: string, outcome: readonly string[]])[] = [
  ["address-space", ["ERR_LETHE_EXHAUSTED", "ERR_LETHE_EXHAUSTED", "locked", "locked"]],
  ["data-size", ["ERR_LETHE_EXHAUSTED", "locked", "locked"]],
  ["mappings", ["ERR_LETHE_EXHAUSTED", "in time"]],
  ["descriptors", ["best-effort locked", "locked"]],
];

describe.skipIf(!LINUX)("exhaustion", () => {
  it.skipIf(!SOAK)(
    "of 20,000 secrets is a typed error, with all that were made intact",
    async ({ skip }) => {
      const { stdout, stderr } = await run([...RUNTIMES.node, program("fill")]);
      const outcome = JSON.parse(stdout || stderr);
      const limit = Number(readFileSync("/proc/sys/vm/max_map_count", "latin1"));
      expect(outcome).toMatchObject({ intact: outcome.made, live: 0 });
      if (limit > 100_000) skip(`vm.max_map_count is ${limit}: 20,000 secrets do not exhaust it`);
      expect(outcome.code).toBe("ERR_LETHE_EXHAUSTED");
      expect(outcome.message).toContain("sysctl -w vm.max_map_count");
      expect(outcome.made).toBeGreaterThan(limit * 0.18);
    },
  );

  it.runIf(SOAK).each(HARDSHIPS)("of %s is seen before it happens", async (hardship, outcome) => {
    const { stdout, stderr } = await run([...RUNTIMES.node, program("hardship"), hardship]);
    const seen = JSON.parse(stdout || `"${stderr.replaceAll("\n", " ")}"`);
    if (ROOT_USER) expect(seen).toEqual(outcome);
    else expect(String(seen)).not.toContain("Error");
  });

  it.runIf(SOAK)("does not come from a loop that never lets the event loop turn", async () => {
    const { stdout } = await run([...RUNTIMES.node, program("loop")]);
    const { mappings, kilobytes } = JSON.parse(stdout);
    expect(mappings).toBeLessThan(20);
    expect(kilobytes).toBeLessThan(8192);
  });
});
