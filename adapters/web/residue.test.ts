import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { derivedNeedle, type ScanReport, unmask } from "../../conformance/mod.ts";
import { BrowserTarget, inTime, scanAll } from "../../testing/adapters/web/browser_target.ts";
import { type Chromium, noChromium, startChromium } from "../../testing/adapters/web/chromium.ts";
import { HELD_LENGTHS } from "../../testing/adapters/web/held_lengths.ts";
import { openSite, type Site } from "../../testing/adapters/web/site.ts";
import { SOAK } from "../../testing/tier.ts";

const FOLDER = "testing/adapters/web";
const TITLE = `what a browser keeps (${noChromium ?? "Chromium"})`;

describe.skipIf(noChromium !== null)(TITLE, { timeout: 180_000 }, () => {
  let site: Site;
  let chromium: Chromium;
  beforeAll(async () => {
    [site, chromium] = await Promise.all([openSite("."), startChromium()]);
  });
  afterAll(() => Promise.all([chromium.close(), site.close()]));

  it("has a live secret in one place of all its processes, and a destroyed one in none", async () => {
    const target = await BrowserTarget.start(
      site,
      chromium,
      `/page/${FOLDER}/serve.ts?`,
      "every process",
    );
    const kinds = chromium.processes().map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(["browser", "renderer", "gpu-process"]));
    await observeOneLife(target, ({ pid }) => expect(pid).toBe(target.hello.pid));
    await target.close();
  });

  it.skipIf(!SOAK)(
    "serves the suite in a service worker: live in one place, destroyed in none",
    async () => {
      const address = `/page/${FOLDER}/in_service_worker.ts?`;
      const target = await BrowserTarget.start(site, chromium, address, "renderer");
      await observeOneLife(target);
      const { results } = await target.inside();
      expect(results.length).toBeGreaterThan(40);
      const rest = results.filter(({ outcome }) => outcome !== "passed" && outcome !== "not given");
      expect(rest.map(({ id, reason }) => `${id} ${reason}`)).toEqual([]);
      await target.close();
    },
  );

  it.skipIf(!SOAK)(
    "has nothing of a worker's secret once the worker purged and ended",
    async () => {
      // The plain copy is the control: memory that a worker left is seen, and has no secret in it.
      expect(await leftBy("purge and close")).toEqual(["plain 1000"]);
    },
  );

  it.skipIf(!SOAK)("has what a worker held that was terminated without a purge", async () => {
    expect(await leftBy("terminate")).toEqual(["plain 1000", "secret 1000"]);
  });

  /** @returns what is found in any renderer once the worker has ended */
  async function leftBy(how: "terminate" | "purge and close"): Promise<readonly string[]> {
    const { number, conversation } = site.open();
    const [secret, plain] = [nextSeed(), nextSeed()];
    const query = `lines=${number}&secret=${secret}&plain=${plain}`;
    const url = `${site.origin}/page/${FOLDER}/worker_end.ts?${query}`;
    const tab = await chromium.visit(url, () => conversation.end());
    const needles = HELD_LENGTHS.flatMap((byteLength, index) => [
      derivedNeedle(secret + index, byteLength, `secret ${byteLength}`),
      derivedNeedle(plain + index, byteLength, `plain ${byteLength}`),
    ]);
    expect(await inTime(conversation.next(), "held", tab)).toBe('"held"');
    const look = (pid: number): readonly string[] =>
      labels(scanAll([{ pid, kind: "renderer" }], needles, pid));
    const holders = chromium
      .processes()
      .filter(({ kind, pid }) => kind === "renderer" && look(pid).length === needles.length);
    expect(holders.length).toBe(1);
    expect(await inTime(conversation.ask(how), how, tab)).toContain("ended");
    await sleep(500); // The thread of a worker ends behind the call that ends it.
    const left = holders.flatMap(({ pid }) => look(pid));
    await tab.close();
    return left;
  }
});

/** Two secrets, one derived and one random, looked at while they live and after they ended. */
async function observeOneLife(
  target: BrowserTarget,
  judge: (report: ScanReport) => void = () => undefined,
): Promise<void> {
  const [one, two, witness] = [nextSeed(), nextSeed(), nextSeed()];
  await target.ask({ do: "control", seed: witness, byteLength: 32 });
  await target.ask({ do: "hold", operation: "move", seed: one, byteLength: 32 });
  const random = await target.ask({ do: "hold", operation: "random", seed: two, byteLength: 32 });
  const masked = Uint8Array.from(Buffer.from(random.masked ?? "", "hex"));
  const needles = [
    derivedNeedle(one, 32, "moved"),
    { label: "random", bytes: unmask(two, masked) },
    derivedNeedle(witness, 32, "witness"),
  ];
  const live = await target.scan(needles);
  judge(live);
  expect(live.encodings).toBe(41);
  expect(labels(live)).toEqual(["moved", "random", "witness"]);
  await target.ask({ do: "end", how: "destroy" });
  const ended = await target.scan(needles);
  expect(labels(ended)).toEqual(["witness"]);
  expect(ended.unreadable.filter(({ reason }) => reason === "refused")).toEqual([]);
}

/** One label for each finding, so that a second copy shows. */
function labels({ findings }: ScanReport): readonly string[] {
  return findings.map(({ needle }) => needle).sort();
}

/** Far apart: a worker counts on from its own. */
function nextSeed(): number {
  seeds = (seeds + 0x9e3779b1) >>> 0;
  return (seeds & ~0xff) >>> 0;
}
let seeds = Math.floor(Math.random() * 2 ** 32);
