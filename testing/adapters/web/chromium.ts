import { existsSync, readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { type Browser, chromium } from "playwright-core";

const PROGRAM: string = process.env["LETHE_CHROMIUM"] ?? "/usr/bin/chromium";

/** Why there is no browser to run in, with the remedy, or null. */
export const noChromium: string | null = existsSync(PROGRAM)
  ? null
  : `nothing was run in a browser: there is no ${PROGRAM}; apt-get install chromium, or name one in LETHE_CHROMIUM`;

/** One process of a browser. */
export interface BrowserProcess {
  readonly pid: number;
  /** As its command line says: `browser`, `renderer`, `gpu-process`, `utility`, `zygote`. */
  readonly kind: string;
}

/** A headless Chromium, and its processes. */
export interface Chromium {
  readonly version: string;
  /** All that descend from its main process. */
  processes(): readonly BrowserProcess[];
  /** @param failed is called when the page throws or crashes */
  visit(url: string, failed: () => void): Promise<Tab>;
  close(): Promise<void>;
}

export interface Tab {
  /** What its page wrote to the console, and what it threw. */
  complaints(): string;
  close(): Promise<void>;
}

/**
 * Its sandbox is off, in which root cannot start it and which closes its processes to the scanner;
 * what its engine does with memory does not depend on it.
 *
 * @param engine switches of V8
 */
export async function startChromium(engine: string = "--expose-gc"): Promise<Chromium> {
  const browser = await chromium.launch({
    executablePath: PROGRAM,
    chromiumSandbox: false,
    args: [...QUIET, `--js-flags=${engine}`],
  });
  const main = await mainProcess(browser);
  return {
    version: browser.version(),
    processes: () => descendants(main),
    visit: (url, failed) => visit(browser, url, failed),
    close: () => browser.close(),
  };
}

const QUIET: readonly string[] = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

async function mainProcess(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const main = processInfo.find(({ type }) => type === "browser");
  if (main === undefined) throw new Error("Chromium names no main process");
  return main.id;
}

async function visit(browser: Browser, url: string, failed: () => void): Promise<Tab> {
  const context = await browser.newContext();
  const page = await context.newPage();
  let complaints = "";
  page.on("console", (message) => {
    complaints += `${message.text()}\n`;
  });
  page.on("pageerror", ({ message }) => {
    complaints += `${message}\n`;
    failed();
  });
  page.on("crash", () => {
    complaints += "the page crashed\n";
    failed();
  });
  // Not "load": a program that serves blocks the thread before that.
  await page.goto(url, { waitUntil: "commit" });
  return { complaints: () => complaints, close: () => context.close() };
}

function descendants(root: number): readonly BrowserProcess[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const status = statusOf(Number(name));
    if (status !== null) parents.set(Number(name), status);
  }
  const family = new Set([root]);
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const [pid, parent] of parents) if (family.has(parent)) family.add(pid);
  }
  return [...family].map((pid) => ({ pid, kind: kindOf(pid) }));
}

/** The parent of a process that has memory, or null. */
function statusOf(pid: number): number | null {
  const status = readOrEmpty(`/proc/${pid}/status`);
  if (!status.includes("\nVmRSS:")) return null;
  return Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1] ?? 0);
}

function kindOf(pid: number): string {
  return /--type=([a-z-]+)/.exec(readOrEmpty(`/proc/${pid}/cmdline`))?.[1] ?? "browser";
}

/** A process may end while it is looked at. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
