/**
 * Looks at `site/dist` in Chromium: light and dark, wide and 390 pixels. Fails on a request that leaves the page,
 * an error of the page, content wider than the window, a search that finds nothing, and what axe-core
 * finds: contrast, headings, names, focus.
 *
 *     npm run site:check [-- --screenshots FOLDER]
 */
import { createReadStream, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { type Browser, chromium, type Page } from "playwright-core";

const DIST = "site/dist";
const AXE = "site/node_modules/axe-core/axe.min.js";
const PROGRAM = process.env["LETHE_CHROMIUM"] ?? "/usr/bin/chromium";

/** One page of each kind: text, tables, pictures, the reference, the report. */
const PAGES = [
  "index.html",
  "docs/index.html",
  "docs/tour.html",
  "docs/memories.html",
  "SECURITY.html",
  "api/index.html",
  "api/crypto.html",
  "api/key-files.html",
  "report/report.html",
].filter((path) => existsSync(join(DIST, path)));

const VIEWS = [
  { name: "wide-light", width: 1280, colorScheme: "light" },
  { name: "wide-dark", width: 1280, colorScheme: "dark" },
  { name: "narrow-light", width: 390, colorScheme: "light" },
  { name: "narrow-dark", width: 390, colorScheme: "dark" },
] as const;

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".woff2": "font/woff2",
};

const { values } = parseArgs({ options: { screenshots: { type: "string" } } });
if (values.screenshots !== undefined) mkdirSync(values.screenshots, { recursive: true });

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const path = normalize(join(DIST, pathname.endsWith("/") ? `${pathname}index.html` : pathname));
  if (!path.startsWith(normalize(DIST)) || !existsSync(path) || !statSync(path).isFile()) {
    response.writeHead(404).end();
    return;
  }
  response.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream");
  createReadStream(path).pipe(response);
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const browser = await chromium.launch({ executablePath: PROGRAM, chromiumSandbox: false });
try {
  const faults = [...(await lookAtAll(browser)), ...(await searchFinds(browser))];
  for (const fault of new Set(faults)) process.stderr.write(`${fault}\n`);
  process.stdout.write(`${PAGES.length} pages in ${VIEWS.length} views, ${faults.length} faults\n`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  await browser.close();
  server.close();
}

async function lookAtAll(from: Browser): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const view of VIEWS) {
    const context = await from.newContext({
      viewport: { width: view.width, height: 900 },
      colorScheme: view.colorScheme,
    });
    for (const path of PAGES) {
      const page = await context.newPage();
      const where = `${path} (${view.name})`;
      faults.push(...(await lookAt(page, path)).map((fault) => `${where}: ${fault}`));
      if (values.screenshots !== undefined) {
        const file = `${view.name}-${path.replaceAll(/\W/g, "_")}.png`;
        await page.screenshot({ path: join(values.screenshots, file) });
      }
      await page.close();
    }
    await context.close();
  }
  return faults;
}

async function lookAt(page: Page, path: string): Promise<readonly string[]> {
  const faults: string[] = [];
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !/^(?:data|blob):/.test(url))
      faults.push(`asks for ${url}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) faults.push(`${response.status()} for ${response.url()}`);
  });
  page.on("pageerror", (error) => faults.push(`throws ${error.message}`));
  await page.goto(`${origin}/${path}`, { waitUntil: "networkidle" });
  const [content, room] = await page.evaluate<[number, number]>(
    "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
  );
  if (content > room) faults.push(`is ${content} pixels wide in ${room}`);
  await page.evaluate(readFileSync(AXE, "utf8"));
  const violations = await page.evaluate<
    readonly { id: string; impact: string; nodes: readonly { html: string }[] }[]
  >("axe.run(document, { resultTypes: ['violations'] }).then((result) => result.violations)");
  for (const { id, impact, nodes } of violations) {
    faults.push(`axe ${id} (${impact}) ${nodes.length} times: ${nodes[0]?.html.slice(0, 160)}`);
  }
  return faults;
}

/** By the keyboard alone: / opens it, words find a symbol and a page, Enter goes there. */
async function searchFinds(from: Browser): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const [words, place] of [
    ["verifyPassword", "/api/"],
    ["Which part do I need", "/docs/"],
  ] as const) {
    const page = await from.newPage(); // a page remembers what was looked for
    await page.goto(`${origin}/index.html`, { waitUntil: "networkidle" });
    const box = page.locator(".VPLocalSearchBox input");
    // The page listens once its script has run.
    for (let tries = 0; tries < 80 && !(await box.isVisible()); tries += 1) {
      await page.keyboard.press("/");
      await page.waitForTimeout(250);
    }
    await box.fill(words);
    const results = page.locator(".VPLocalSearchBox .result");
    await results.first().waitFor({ timeout: 20_000 });
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.pathname !== "/index.html", { timeout: 20_000 });
    if (!page.url().includes(place)) faults.push(`search for ${words} leads to ${page.url()}`);
    await page.close();
  }
  return faults;
}
