import { spawnSync } from "node:child_process";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { INSTALLED, ROOT, RUNTIMES, SOAK } from "../../testing/features/prompt/pty.ts";

const PROBE = `${ROOT}testing/memories/pages/idle_probe.ts`;
const WITH_FFI = INSTALLED.filter((name) => !["node-22", "node-24"].includes(name));
const ROWS = WITH_FFI.flatMap((name) =>
  ["secretmem", "pages"].flatMap((memory) =>
    ["main", "thread"].map((where) => [name, memory, where] as const),
  ),
);

describe.skipIf(process.platform !== "linux" || !SOAK)("idle pages (in the soak)", () => {
  it.each(ROWS)("of %s, %s, in the %s go back to the system", (name, memory, where) => {
    const [file = "", ...parameters] = [...(RUNTIMES[name] ?? []), PROBE, memory, where];
    const { stdout, stderr, status } = spawnSync(file, parameters, {
      encoding: "utf8",
      timeout: 50_000,
      env: { ...process.env, NODE_NO_WARNINGS: "1", NODE_OPTIONS: "" },
    });
    const line = stdout.split("\n").find((each) => each.startsWith("{"));
    if (line === undefined) throw new Error(stderr);
    const { full, kept, later, purged } = JSON.parse(line);
    // Control: they were locked while they lived, and most of them were kept for the next.
    expect(full).toBeGreaterThanOrEqual(2400);
    expect(kept).toBeGreaterThan(1000);
    expect(later).toBe(0);
    expect(purged).toBe(0);
    // The timer that waits for what is idle keeps nothing alive.
    expect(status).toBe(0);
  });
});
