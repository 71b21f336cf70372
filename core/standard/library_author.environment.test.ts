import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openSecrets } from "../../memories/heap/mod.ts";
import { noChromium, startChromium } from "../../testing/adapters/web/chromium.ts";
import { openSite, STRICT_POLICY } from "../../testing/adapters/web/site.ts";
import { bundleWorker, WORKERD } from "../../testing/adapters/workerd/bundle_worker.ts";
import { cookieTrial, EXPECTED } from "../../testing/core/standard/cookie_trial.ts";
import { INSTALLED, RUNTIMES, SOAK } from "../../testing/features/prompt/pty.ts";

const LIBRARY = "testing/core/standard/sealed_cookies.ts";
const PROGRAM = "testing/core/standard/trial_program.ts";

/** The line of a program that tells what came of the trial. */
function toldIn(said: string): unknown {
  const line = said.split("\n").find((each) => each.includes("TRIAL {"));
  if (line === undefined) throw new Error(said);
  return JSON.parse(line.slice(line.indexOf("TRIAL {") + "TRIAL ".length));
}

describe("a library that knows the standard and not Lethe", () => {
  it("imports nothing, and takes secrets, plain bytes and the lenders of others", async () => {
    expect(readFileSync(LIBRARY, "utf8")).not.toMatch(/^import |\bimport\(|\brequire\(/m);
    expect(await cookieTrial(openSecrets)).toEqual(EXPECTED);
  });

  it.skipIf(!SOAK).each(INSTALLED)("does so on %s", (runtime) => {
    const [file = "", ...words] = [...(RUNTIMES[runtime] ?? []), PROGRAM];
    const { stdout, stderr } = spawnSync(file, words, { encoding: "utf8", timeout: 60_000 });
    expect(JSON.parse(stdout || JSON.stringify(stderr))).toEqual(EXPECTED);
  });

  it.skipIf(!SOAK)("does so in workerd", { timeout: 60_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), "lethe-cookies-"));
    try {
      const words = ["test", bundleWorker("cookies.ts", folder)];
      const { stdout, stderr } = spawnSync(WORKERD, words, { encoding: "utf8" });
      expect(toldIn(`${stdout}${stderr}`)).toEqual(EXPECTED);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.skipIf(!SOAK || noChromium !== null)(
    `does so in a page, and between a page and its frame (${noChromium ?? "Chromium"})`,
    { timeout: 120_000 },
    async () => {
      const site = await openSite(".", `${STRICT_POLICY}; frame-src 'self'`);
      const chromium = await startChromium();
      try {
        const url = `${site.origin}/page/testing/adapters/web/cookies.ts`;
        const tab = await chromium.visit(url, () => undefined);
        await expect.poll(() => tab.complaints(), { timeout: 60_000 }).toContain("TRIAL {");
        expect(toldIn(tab.complaints())).toEqual({
          page: EXPECTED,
          between: {
            realms: true,
            "a secret of the page in the frame": "user=7",
            "a secret of the frame in the page": "user=7",
            "adopted in the page": true,
            "adopted in the frame": true,
            "cloned into the frame": "[[],false]",
            "moved into the page's memory": "TypeError",
          },
        });
      } finally {
        await chromium.close();
        await site.close();
      }
    },
  );
});
