import { spawnSync } from "node:child_process";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { INSTALLED, ROOT, RUNTIMES, SOAK } from "../features/prompt/pty.ts";

const { NODE_OPTIONS: _, ...env } = process.env;
const CHOSEN = INSTALLED.filter((name) => SOAK || name === "node-24");

function run(name: string, program: string, ...parameters: readonly string[]): unknown {
  const [file = "", ...words] = RUNTIMES[name] ?? [];
  const path = `${ROOT}testing/whole/${program}`;
  const { stdout, stderr } = spawnSync(file, [...words, path, ...parameters], {
    cwd: ROOT,
    env,
    encoding: "utf8",
  });
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(stderr);
  }
}

describe.skipIf(process.platform !== "linux").each(CHOSEN)(
  "on %s",
  { timeout: 600_000 },
  (name) => {
    it("no function asks Object.prototype for any name that Lethe's source has", () => {
      expect(run(name, "tripwire.ts")).toEqual({
        names: expect.any(Number),
        // To refuse: node:fs would open another path.
        hits: [expect.stringMatching(/^href at system\/redirection\.ts:\d+$/)],
        failed: [],
      });
    });

    it("no function comes to anything else when an option is on Object.prototype", () => {
      expect(run(name, "pollute.ts", SOAK ? "all" : "one")).toEqual({
        tried: expect.any(Number),
        differing: [],
      });
    });
  },
);
