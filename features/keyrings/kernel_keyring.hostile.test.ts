import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROBE_COMMAND } from "../../testing/features/keyrings/measure.ts";
import { INSTALLED, RUNTIMES, SOAK } from "../../testing/features/prompt/pty.ts";
import { compileFilter, type Filter, NO_FILTER } from "../../testing/memories/pages/hostile.ts";

let filter: Filter;
beforeAll(() => {
  if (NO_FILTER === "") filter = compileFilter();
});
afterAll(() => filter?.remove());

const CASES = INSTALLED.filter((runtime) => SOAK || runtime === "node-24").flatMap((runtime) =>
  [
    ["kill", "keyctl"],
    ["kill", "add_key"],
    ["kill", "keyctl,add_key"],
    ["1", "keyctl"],
    ["1", "keyctl,add_key"],
    ["38", "keyctl,add_key"],
  ].map(([action, calls]) => ({ runtime, action: action ?? "", calls: calls ?? "" })),
);

describe.skipIf(NO_FILTER !== "" || !SOAK)(`${NO_FILTER}a filter of system calls`, () => {
  it.each(CASES)("lets $runtime go on, and say what it lacks: $action $calls", (subject) => {
    const { runtime, action, calls } = subject;
    const command = [...filter.around(action, calls), ...(RUNTIMES[runtime] ?? [])];
    const words = ["kernel", "lethe hostile", "heap", "8811", "16"];
    const [file = "", ...rest] = [...command, ...PROBE_COMMAND, ...words];
    const { status, signal, stdout } = spawnSync(file, rest, { encoding: "utf8", input: "\n" });
    expect([status, signal]).toEqual([0, null]);
    expect(JSON.parse(stdout.replace(/^ready \d+ /, ""))).toMatchObject({
      outcome: "ERR_LETHE_SOURCE_UNAVAILABLE",
      live: 0,
    });
  });
});
