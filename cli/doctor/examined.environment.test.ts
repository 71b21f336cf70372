import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  CLI_RUNTIMES,
  type Outcome,
  outcomeOf,
  plainEnvironment,
} from "../../testing/cli/lethe.ts";
import { ROOT, RUNTIMES, SOAK } from "../../testing/features/prompt/pty.ts";

const PARTS = [
  ...["adapters", "cli", "conformance", "core", "engines", "features", "memories", "system"],
  "package.json",
];

let folder = "";
beforeEach(() => {
  // A Lethe that was installed alone: no node_modules at all.
  folder = mkdtempSync(join(tmpdir(), "lethe-alone-"));
  for (const name of PARTS) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

function lethe(runtime: string, words: readonly string[], path: string): Outcome {
  const command = [...(RUNTIMES[runtime] ?? []), join(folder, "cli", "main.ts"), ...words];
  const env = plainEnvironment({ PATH: path });
  return outcomeOf(command, { cwd: folder, env, timeout: 240_000 });
}

describe.skipIf(!SOAK || process.platform !== "linux").each(CLI_RUNTIMES)(
  "on %s, lethe doctor with no runtime on PATH",
  { timeout: 300_000 },
  (runtime) => {
    it("examines the one that runs it, and says how it was found", () => {
      const { status, stdout } = lethe(runtime, ["doctor", "--json"], "/nonexistent");
      const { runtimes, examinations, failures } = JSON.parse(stdout);
      expect([status, failures]).toEqual([0, []]);
      expect(runtimes).toMatchObject([{ found: "it runs this command" }]);
      expect(examinations.length).toBeGreaterThan(0);
    });

    it("fails when nothing was examined, and so does the report", () => {
      rmSync(join(folder, "cli/doctor/probe.ts"));
      const doctor = lethe(runtime, ["doctor"], "/nonexistent");
      expect(doctor.status).toBe(1);
      expect(doctor.stdout).toContain("was not examined: ");
      expect(doctor.stdout).toContain("nothing was examined");
      expect(doctor.stdout).not.toContain("Every claim held");
      rmSync(join(folder, "cli/residue/holder.ts"));
      const report = lethe(runtime, ["report"], "/nonexistent");
      expect(report.status).toBe(1);
      expect(report.stdout).toContain("no memory was held to the suite");
    });

    it("starts what stands in the absolute folders of PATH, and nothing in others", () => {
      const log = join(folder, "log");
      for (const [place, name] of [
        ["hither", "bun"],
        ["there", "deno"],
      ] as const) {
        mkdirSync(join(folder, place));
        const file = join(folder, place, name);
        const seen = `echo "${place} \${AWS_SECRET_ACCESS_KEY-nothing}" >> ${log}; echo ${name} 9.9.9`;
        writeFileSync(file, `#!/bin/sh\n${seen}\n`);
        chmodSync(file, 0o755);
      }
      const script = `AWS_SECRET_ACCESS_KEY=x PATH=hither::.:${join(folder, "there")} "$@" 2>&1; cat ${log}`;
      const command = [...(RUNTIMES[runtime] ?? []), join(folder, "cli", "main.ts"), "doctor"];
      const { stdout } = outcomeOf(["sh", "-c", script, "sh", ...command], { cwd: folder });
      expect(stdout).toContain("deno 9.9.9 was not examined: ");
      expect(stdout).toContain("there nothing\n");
      expect(stdout).not.toContain("there x");
      expect(stdout).not.toContain("hither ");
    });
  },
);
