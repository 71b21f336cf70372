import { spawnSync } from "node:child_process";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { INSTALLED, ROOT, RUNTIMES, SOAK } from "../features/prompt/pty.ts";

const { NODE_OPTIONS: _, ...env } = process.env;
const CHOSEN = INSTALLED.filter((name) => SOAK || name === "node-24");
const MEMORIES = SOAK ? ["secretmem", "pages", "sodium", "heap"] : ["sodium", "heap"];

describe.skipIf(process.platform !== "linux").each(CHOSEN)(
  "a write inside expose on %s",
  (name) => {
    it.each(MEMORIES)("does what docs/lifecycle.md says of %s", (memory) => {
      const [file = "", ...parameters] = RUNTIMES[name] ?? [];
      const program = `${ROOT}testing/whole/write_exposed.ts`;
      const { stdout, status, signal } = spawnSync(file, [...parameters, program, memory], {
        cwd: ROOT,
        env,
        encoding: "utf8",
      });
      if (memory === "heap") {
        expect([stdout, status]).toEqual(["none\nsurvived, 9,9,9\n", 0]);
      } else {
        expect([stdout, status]).toEqual(["enforced\n", null]);
        expect(["SIGSEGV", "SIGBUS", "SIGTRAP"]).toContain(signal);
      }
    });
  },
);
