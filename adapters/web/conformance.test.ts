import process from "node:process";
import { afterAll, expect, it } from "vitest";
import { bindReport, FROM_OUTSIDE, type Report, runConformance } from "../../conformance/mod.ts";
import { BrowserTarget, inTime } from "../../testing/adapters/web/browser_target.ts";
import { type Chromium, noChromium, startChromium } from "../../testing/adapters/web/chromium.ts";
import { openSite, type Site } from "../../testing/adapters/web/site.ts";
import { subject } from "../../testing/adapters/web/subject.ts";
import { SOAK } from "../../testing/tier.ts";

const FOLDER = "testing/adapters/web";

/** The addresses that start a program in a page, and in a dedicated worker of one. */
const PLACES: Readonly<Record<string, (program: string) => string>> = {
  page: (program) => `/page/${FOLDER}/${program}.ts?`,
  worker: (program) => `/page/${FOLDER}/in_worker.ts?script=${FOLDER}/${program}.ts&`,
};

if (noChromium === null) {
  const [site, chromium] = await Promise.all([openSite("."), startChromium()]);
  afterAll(() => Promise.all([chromium.close(), site.close()]));

  for (const [place, addressOf] of Object.entries(PLACES)) {
    const name = `web heap in a ${place}`;
    bindReport({ ...(await inside(site, chromium, addressOf("inside"))), subject: name }, it);
    // Each look at every process takes seconds, so that the daily run reads the renderer.
    if (place !== "page" && !SOAK) continue;
    const start = (): Promise<BrowserTarget> =>
      BrowserTarget.start(site, chromium, addressOf("serve"), SOAK ? "every process" : "renderer");
    bindReport(await runConformance({ ...subject, name, target: { start } }, FROM_OUTSIDE), it);
  }
} else {
  process.stderr.write(`web: ${noChromium}\n`); // Runners do not print the names of skipped tests.
  it.skip(`web: ${noChromium}`, () => undefined);
}

/** What a page or worker found in itself. */
async function inside(site: Site, chromium: Chromium, address: string): Promise<Report> {
  const { number, conversation } = site.open();
  const url = `${site.origin}${address}lines=${number}`;
  const tab = await chromium.visit(url, () => conversation.end());
  const report = JSON.parse(await inTime(conversation.next(), "inside", tab)) as Report;
  await tab.close();
  expect(report.results?.length, JSON.stringify(report)).toBeGreaterThan(40);
  return report;
}
