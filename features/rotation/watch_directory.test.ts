import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { INSTALLED, NOT_RUN, RUNTIMES, SOAK } from "../../testing/features/prompt/pty.ts";
import { watchDirectory } from "./watch_directory.ts";

const PROBE = new URL("../../testing/features/rotation/watch_probe.ts", import.meta.url).pathname;

describe.skipIf(NOT_RUN !== "")(`${NOT_RUN}watchDirectory`, () => {
  it.each(INSTALLED.filter((name) => SOAK || name === "node-24"))(
    "follows a volume through swaps, and through its replacement, on %s",
    (runtime) => {
      const [file = "", ...words] = [...(RUNTIMES[runtime] ?? []), PROBE];
      const { stdout, stderr } = spawnSync(file, words, { encoding: "utf8", timeout: 60_000 });
      expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? stderr)).toEqual({
        seen: [1, 2, 3, 4, 5, 9, 10].map((version) => `version ${version}`),
        ended: [{ kind: "watch-ended", code: "ERR_LETHE_SOURCE_MISSING", pollEvery: 60_000 }],
        live: 0,
      });
    },
    70_000,
  );

  it("says why it cannot watch, and what is not a path", async () => {
    const folder = mkdtempSync(join(tmpdir(), "lethe-watch-"));
    const watch = async (path: string): Promise<unknown> =>
      await watchDirectory(path)(() => undefined, new AbortController().signal).then(
        () => undefined,
        (error) => error.code,
      );
    expect(await watch(join(folder, "none"))).toBe("ERR_LETHE_SOURCE_MISSING");
    writeFileSync(join(folder, "file"), "");
    expect(await watch(join(folder, "file", "below"))).toBe("ERR_LETHE_SOURCE_MISSING");
    for (const wrong of ["", "a\0b", 7, null]) {
      expect(() => watchDirectory(wrong as string)).toThrow(TypeError);
    }
    rmSync(folder, { recursive: true });
  });

  it("is over when its signal is aborted", async () => {
    const folder = mkdtempSync(join(tmpdir(), "lethe-watch-"));
    const ending = new AbortController();
    let changes = 0;
    await watchDirectory(folder)(() => changes++, ending.signal);
    writeFileSync(join(folder, "one"), "");
    await expect.poll(() => changes).toBeGreaterThan(0);
    ending.abort();
    const before = changes;
    writeFileSync(join(folder, "two"), "");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(changes).toBe(before);
    await expect(watchDirectory(folder)(() => changes++, ending.signal)).rejects.toThrow();
    rmSync(folder, { recursive: true });
  });
});
