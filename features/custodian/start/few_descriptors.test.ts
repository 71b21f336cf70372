import { spawnSync } from "node:child_process";
import process from "node:process";
import { beforeAll, describe, expect, it } from "vitest";
import { requireBuilt } from "../../../testing/build_stamp.ts";
import { plainEnvironment } from "../../../testing/cli/lethe.ts";
import { INSTALLED, ROOT, RUNTIMES, SOAK } from "../../../testing/features/prompt/pty.ts";

const PROBE = `${ROOT}testing/features/custodian/few_descriptors_probe.ts`;
const CHOSEN = INSTALLED.filter((name) => SOAK || name === "node-24");

/** Two sockets, by which it is told of signals from the first child on that was not waited for in time. */
const KEPT_BY_DENO = 2;

beforeAll(() => requireBuilt());

describe.skipIf(process.platform !== "linux").each(CHOSEN)("a process of %s", (runtime) => {
  it("that has too few descriptors for a custodian says so, leaves none open, and starts one with enough", () => {
    const { stdout, stderr } = spawnSync(
      "sh",
      ["-c", 'ulimit -n 128; exec "$@"', "sh", ...(RUNTIMES[runtime] ?? []), PROBE],
      { env: plainEnvironment(), encoding: "utf8", timeout: 30_000 },
    );
    expect(stdout, stderr).not.toBe("");
    const { outcomes, leaked, live } = JSON.parse(stdout);
    expect([outcomes.shift(), outcomes.pop()]).toEqual(["started", "started"]);
    expect(outcomes.length).toBeGreaterThan(2);
    for (const refused of outcomes) {
      expect(refused).toMatch(
        /^Cannot start custodian: \S+ could not be executed \(EMFILE\); this process has as many open files as it may; raise the limit with ulimit -n$/,
      );
    }
    expect(live).toBe(0);
    expect(leaked).toBeLessThanOrEqual(runtime === "deno" ? KEPT_BY_DENO : 0);
  });
});
