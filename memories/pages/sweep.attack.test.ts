import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { SOAK } from "../../testing/tier.ts";

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const BIN: Readonly<Record<string, readonly [string, ...string[]]>> = {
  "node 24 with koffi": [path("../../node_modules/node-24/bin/node"), "--no-warnings"],
  "node 26 with node:ffi": [
    path("../../node_modules/node-26/bin/node"),
    "--no-warnings",
    "--require",
    path("../../testing/adapters/node/without_koffi.cjs"),
  ],
  deno: [path("../../node_modules/deno/deno"), "run", "-A"],
  bun: [path("../../node_modules/bun/bin/bun.exe")],
};
const RUNTIMES = Object.entries(BIN).filter(([name, [file]]) => {
  return process.platform === "linux" && existsSync(file) && (SOAK || name === "bun");
});

/** As whom the attack is run: it takes another user. */
const MISSING = process.getuid?.() === 0 ? "" : "NOT RUN, it takes root to become another user: ";

function run(name: string, ...parameters: string[]): Record<string, unknown> {
  const [file, ...options] = BIN[name] ?? [""];
  const command = [...options, ...parameters];
  const { stdout, stderr } = spawnSync(file, command, { encoding: "utf8", timeout: 60_000 });
  const line = stdout.split("\n").find((each) => each.startsWith("{"));
  if (line === undefined) throw new Error(stderr);
  return JSON.parse(line) as Record<string, unknown>;
}

describe.each(RUNTIMES.map(([name]) => name))("the sweep of ended threads on %s", (name) => {
  it.skipIf(MISSING !== "")(
    `${MISSING}runs while another user locks every file that it may open`,
    () => {
      const [file] = BIN[name] ?? [""];
      const known = [file, path("./sweep.ts"), "/lib/x86_64-linux-gnu/libc.so.6", "/tmp", "/"];
      const probe = path("../../testing/memories/pages/worker_probe.ts");
      const { before, after, held } = run(name, probe, "pages", "terminate", ...known);
      expect(held).toBeGreaterThan(40);
      expect(before).toMatchObject({ flags: ["lo", "dc"] });
      expect(after).toEqual([]);
    },
  );

  it.skipIf(!SOAK)("is of one thread at a time, whatever number wants it (in the soak)", () => {
    const { together, turns } = run(name, path("../../testing/memories/pages/turn_probe.ts"));
    expect(together).toBe(0);
    expect(turns).toBeGreaterThan(100);
  });
});
