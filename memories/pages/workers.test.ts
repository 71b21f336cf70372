import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { SOAK } from "../../testing/tier.ts";

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const PROBE = path("../../testing/memories/pages/worker_probe.ts");
const RUNTIMES: Readonly<Record<string, readonly [string, ...string[]]>> = {
  "node 24 with koffi": [path("../../node_modules/node-24/bin/node"), "--no-warnings"],
  ...(!SOAK
    ? {}
    : {
        "node 22 with koffi": [path("../../node_modules/node-22/bin/node"), "--no-warnings"],
        "node 26 with node:ffi": [
          path("../../node_modules/node-26/bin/node"),
          "--no-warnings",
          "--require",
          path("../../testing/adapters/node/without_koffi.cjs"),
        ],
      }),
  // Deno reads the source of a worker itself.
  deno: [path("../../node_modules/deno/deno"), "run", "--no-prompt", "--allow-ffi", "--allow-read"],
  bun: [path("../../node_modules/bun/bin/bun.exe")],
};

interface Answer {
  /** The page of a secret that the worker left open: while it runs, when it was told to end, swept. */
  readonly running: { readonly access: string; readonly flags: readonly string[] };
  readonly before: { readonly flags: readonly string[] };
  readonly after: readonly string[];
}

for (const [runtime, [program, ...options]] of Object.entries(RUNTIMES)) {
  const there = process.platform === "linux" && existsSync(program);
  describe.skipIf(!there)(runtime, () => {
    it.each([
      ["secretmem", "terminate"],
      ["pages", "terminate"],
      ["secretmem", "close"],
    ])("what a worker left in %s after %s is given back, not before", (memory, how) => {
      const command = [...options, PROBE, memory, how];
      const { stdout, stderr } = spawnSync(program, command, { encoding: "utf8", timeout: 60_000 });
      const line = stdout.split("\n").find((each) => each.startsWith("{"));
      if (line === undefined) throw new Error(stderr);
      const { running, before, after } = JSON.parse(line) as Answer;
      // Control: the worker has it open and locked, and a sweep meanwhile left it so.
      expect(running.access).toMatch(/^rw-/);
      expect(running.flags).toEqual(["lo", "dc"]);
      // Nothing in the system does it by itself.
      expect(before.flags).toEqual(["lo", "dc"]);
      expect(after).toEqual([]);
    });
  });
}
