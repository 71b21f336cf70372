import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  BUNDLERS,
  type Bundle,
  type Bundler,
  writeProject,
} from "../../testing/adapters/web/bundlers.ts";
import { type Chromium, noChromium, startChromium } from "../../testing/adapters/web/chromium.ts";
import { openSite, type Site, STRICT_POLICY } from "../../testing/adapters/web/site.ts";
import { SOAK } from "../../testing/tier.ts";

const KIBIBYTE = 1024;
/** What a program says at its end. */
const LINE = /^(held|opened|refused|judged)/m;

/** Programs of a page. Each of the last four ends with one line on the console. */
const ENTRIES = {
  nothing: "globalThis.lethe=0;",
  error: 'import { LetheError } from "lethe"; globalThis.LetheError = LetheError;',
  core: 'import * as lethe from "lethe"; globalThis.lethe = lethe;',
  everything: `
import * as lethe from "lethe";
import * as crypto from "lethe/crypto";
import * as enclave from "lethe/enclave";
globalThis.lethe = [lethe, crypto, enclave];`,
  held: `
import { openSecrets } from "lethe";
const secrets = openSecrets();
const secret = secrets.random(32);
const escaped = secret.expose((bytes) => bytes);
secret.destroy();
console.log("held", secrets.memory, secret.state, escaped.length);`,
  noble: sealing("nobleEngine()", 'import { nobleEngine } from "lethe/noble";'),
  libsodium: sealing(
    "await openLibsodiumEngine()",
    'import { openLibsodiumEngine } from "lethe/libsodium";',
  ),
  judged: `
import { HeapMemory } from "lethe/memory";
import { runConformance } from "lethe/conformance";
const { failed, results } = await runConformance({ memory: () => new HeapMemory() });
const passed = results.filter(({ outcome }) => outcome === "passed");
console.log("judged", failed.join() || "sound", passed.length > 40);`,
} as const;

function sealing(engine: string, imports: string): string {
  return `
import { openSecrets } from "lethe";
import { openEnclaves } from "lethe/enclave";
${imports}
try {
  const engine = ${engine};
  const secrets = openSecrets({ engine });
  const secret = openEnclaves(secrets).seal(secrets.random(32)).unseal();
  console.log("opened", secret.byteLength, engine.name);
} catch (error) {
  console.log("refused", error.name, error.code);
}`;
}

const folder: string = mkdtempSync(join(tmpdir(), "lethe-bundles-"));
const bundles = new Map<string, Bundle>();

/** Builds each program once with each bundler. */
function bundle(bundler: Bundler, entry: keyof typeof ENTRIES): Bundle {
  const key = `${bundler.name} ${entry}`;
  const known = bundles.get(key) ?? bundler.build(folder, entry);
  bundles.set(key, known);
  return known;
}

beforeAll(() => writeProject(folder, ENTRIES));
afterAll(() => rmSync(folder, { recursive: true }));

/** `npm run soak` takes every bundler. */
const chosen = BUNDLERS.filter(({ name }) => SOAK || name === "esbuild");

for (const bundler of chosen) {
  const title = `${bundler.name}${bundler.missing === null ? "" : ` (${bundler.missing})`}`;
  describe.skipIf(bundler.missing !== null)(title, { timeout: 120_000 }, () => {
    it("makes at most 10.25 KiB of a page that holds secrets, minified and compressed", () => {
      // Vite adds a loader of modules to any page.
      const own = bundle(bundler, "nothing").gzipped - gzipSync(ENTRIES.nothing).length;
      const gzipped = bundle(bundler, "held").gzipped - Math.max(own, 0);
      expect(gzipped).toBeGreaterThan(4 * KIBIBYTE);
      expect(gzipped).toBeLessThanOrEqual(10.25 * KIBIBYTE);
    });

    it("makes less than 10.75 KiB of all of lethe, and less than 23 KiB with crypto and enclaves", () => {
      const { gzipped } = bundle(bundler, "core");
      expect(gzipped).toBeLessThan(10.75 * KIBIBYTE);
      expect(bundle(bundler, "everything").gzipped).toBeLessThan(23 * KIBIBYTE);
      // An import that pulls a feature in would make one of the other.
      expect(bundle(bundler, "everything").gzipped - gzipped).toBeGreaterThan(6 * KIBIBYTE);
    });

    it("keeps less than 1 KiB of a page that imports the error alone", () => {
      expect(bundle(bundler, "error").gzipped).toBeLessThan(KIBIBYTE);
    });
  });
}

describe.skipIf(noChromium !== null)(`built pages in ${noChromium ?? "Chromium"}`, () => {
  let chromium: Chromium;
  beforeAll(async () => {
    chromium = await startChromium();
  });
  afterAll(() => chromium.close());

  /** `npm run soak` takes every bundler. */
  const chosen = BUNDLERS.filter(({ name }) => SOAK || name === "esbuild");

  for (const bundler of chosen) {
    it.skipIf(bundler.missing !== null)(
      `${bundler.name}: holds, under a strict policy`,
      async () => {
        expect(await lineOf(bundler, "held")).toBe("held heap destroyed 0");
      },
    );
  }

  const [vite, esbuild] = BUNDLERS as readonly [Bundler, Bundler];
  it("judges a memory by the conformance suite, which then has no module of Node", async () => {
    expect(await lineOf(esbuild, "judged")).toBe("judged sound true");
  });

  it("seals with noble under a strict policy", async () => {
    expect(await lineOf(vite, "noble")).toBe("opened 32 noble");
  });

  it.runIf(SOAK)(
    "seals with libsodium where the policy allows WebAssembly, and only there",
    async () => {
      const policy = STRICT_POLICY.replace("'self'", "'self' 'wasm-unsafe-eval'");
      expect(await lineOf(vite, "libsodium", policy)).toBe("opened 32 libsodium");
      expect(await lineOf(vite, "libsodium")).toBe("refused LetheError ERR_LETHE_UNAVAILABLE");
    },
  );

  /** What the page of `entry` writes to the console. */
  async function lineOf(
    bundler: Bundler,
    entry: keyof typeof ENTRIES,
    policy?: string,
  ): Promise<string> {
    const { page } = bundle(bundler, entry);
    const site: Site = await openSite(folder, policy);
    const tab = await chromium.visit(`${site.origin}${page}`, () => undefined);
    await expect.poll(() => tab.complaints(), { timeout: 30_000 }).toMatch(LINE);
    const line = tab
      .complaints()
      .split("\n")
      .find((each) => LINE.test(each));
    await tab.close();
    await site.close();
    return line ?? "";
  }
});
