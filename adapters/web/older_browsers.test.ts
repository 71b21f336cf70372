import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Chromium, noChromium, startChromium } from "../../testing/adapters/web/chromium.ts";
import { openSite } from "../../testing/adapters/web/site.ts";
import { SOAK } from "../../testing/tier.ts";

const TITLE = `browsers of before (${noChromium ?? "Chromium, with parts taken out"})`;

describe.skipIf(noChromium !== null || !SOAK)(TITLE, () => {
  let chromium: Chromium;
  beforeAll(async () => {
    chromium = await startChromium();
  });
  afterAll(() => chromium.close());

  it("without ArrayBuffer.prototype.transfer refuse to open, and name what has it", async () => {
    const said = await consoleOf("without_transfer");
    expect(said).toContain("LetheError ERR_LETHE_UNAVAILABLE");
    expect(said).toContain("Safari 17.4");
  });

  it("without Symbol.dispose destroy and purge all the same", async () => {
    expect(await consoleOf("without_dispose")).toBe("held destroyed destroyed 0 false\n");
  });

  async function consoleOf(page: string): Promise<string> {
    const site = await openSite(".");
    const url = `${site.origin}/page/testing/adapters/web/${page}.ts`;
    const tab = await chromium.visit(url, () => undefined);
    await expect.poll(() => tab.complaints(), { timeout: 30_000 }).not.toBe("");
    const said = tab.complaints();
    await tab.close();
    await site.close();
    return said;
  }
});
