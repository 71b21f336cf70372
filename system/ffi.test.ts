import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RUNTIMES } from "../testing/features/prompt/pty.ts";
import { SOAK } from "../testing/tier.ts";

const hasCompiler = spawnSync("cc", ["--version"]).status === 0;
const isRun = process.platform === "linux" && hasCompiler;
const here = Object.keys(RUNTIMES)
  .filter((name) => SOAK || name === "node-24")
  .filter((name) => existsSync(RUNTIMES[name]?.[0] ?? ""));

describe.skipIf(!isRun)(isRun ? "a library" : "NOT RUN, it takes Linux and cc: a library", () => {
  const folder = mkdtempSync(join(tmpdir(), "lethe-library-"));
  const library = join(folder, "table.so");
  beforeAll(() => {
    const words = ["-shared", "-fPIC", "-o", library, "testing/system/table.c"];
    expect(spawnSync("cc", words).status).toBe(0);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(here)("FFI-5: stays loaded while the collector runs, on %s", (name) => {
    const [file = "", ...words] = RUNTIMES[name] ?? [];
    const runtime = name.replace(/-\d+$/, "");
    const flags = runtime === "node" ? ["--no-warnings", "--expose-gc"] : [];
    const probe = "testing/system/library_probe.ts";
    const { stdout, stderr, signal } = spawnSync(
      file,
      [...flags, ...words, probe, runtime, library],
      { encoding: "utf8" },
    );
    expect([stdout, stderr, signal]).toEqual(["42\n", "", null]);
  });
});
