import { spawnSync } from "node:child_process";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { plainEnvironment } from "../../testing/cli/lethe.ts";
import { INSTALLED, ROOT, RUNTIMES, SOAK } from "../../testing/features/prompt/pty.ts";

const PROBE = `${ROOT}testing/features/sources/few_descriptors_probe.ts`;

const VARIABLES = { LETHE_TEST_FIRST: "secret", LETHE_TEST_NEXT: "secret" };
const CHOSEN = INSTALLED.filter((name) => SOAK || name === "node-24");

/** Two sockets, by which it is told of signals from the first child on that was not waited for in time. */
const KEPT_BY_DENO = 2;

describe.skipIf(process.platform !== "linux").each(CHOSEN)("a process of %s", (runtime) => {
  it("that has too few descriptors for a program says so, leaves none open, and reads with enough", () => {
    const { stdout, stderr } = spawnSync(
      "sh",
      ["-c", 'ulimit -n 128; exec "$@"', "sh", ...(RUNTIMES[runtime] ?? []), PROBE],
      { env: { ...plainEnvironment(), ...VARIABLES }, encoding: "utf8", timeout: 20_000 },
    );
    expect(stdout, stderr).not.toBe("");
    const { outcomes, leaked, watched, taken, live } = JSON.parse(stdout);
    const count = outcomes.indexOf("read", 1) - 1;
    expect(count).toBeGreaterThan(2);
    for (const refused of outcomes.splice(1, count)) {
      expect(refused).toMatch(
        /\(EMFILE\); this process has as many open files as it may; raise the limit with ulimit -n$/,
      );
    }
    expect(new Set(outcomes)).toEqual(new Set(["read"]));
    expect(live).toBe(0);
    expect(leaked).toBeLessThanOrEqual(runtime === "deno" ? KEPT_BY_DENO : 0);
    for (const [first, next, isSeen] of taken) {
      if (first === "read") expect(next).toMatch(/it was taken before/);
      else expect([first, next]).toEqual([expect.stringMatching(/^Cannot take a var/), "read"]);
      expect(isSeen).toBe(false);
    }
    expect(watched).toMatch(/open files as it may.*ulimit -n.*\(EMFILE\)$/);
  });
});
