import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Report } from "../../conformance/mod.ts";
import { parseJson } from "../../core/arguments/own.ts";
import { findSystemProgram } from "../../system/system_program.ts";
import { packageRoot } from "../package_root.ts";
import { probeEnvironment } from "../probe_environment.ts";
import { runProgram } from "../run_program.ts";
import type { Column } from "./column.ts";
import { servePage } from "./served.ts";

/** A browser of the system's folders, or the one that the user names in LETHE_CHROMIUM. */
const NAMES: readonly string[] = ["chromium", "chromium-browser", "google-chrome"];

/** It starts cold, on machines with two cores. Milliseconds. */
const PATIENCE = 60_000;

/** Runs what a page can check on itself, in a real headless Chromium. */
export async function browserColumn(say: (what: string) => void): Promise<Column> {
  const executable = findBrowser();
  const none = (failure: string, broken = false): Column => ({
    runtime: "chromium",
    memory: "heap",
    report: null,
    failure,
    broken,
  });
  if (executable === null) {
    return none(
      "no Chromium found; install it (Debian: apt-get install chromium) or name one in LETHE_CHROMIUM",
    );
  }
  const root = packageRoot();
  if (!existsSync(join(root, "dist"))) return none("not built; npm run build");
  const profile = newProfile();
  if (profile === null) return none(`there is no place for its profile: ${tmpdir()}`);
  const env = { ...probeEnvironment(executable), HOME: profile };
  const { stdout } = await runProgram(executable, ["--version"], PATIENCE, { HOME: profile });
  const version = /[\d.]+/.exec(stdout);
  say(`chromium ${version?.[0]}: running the suite inside a page`);
  const page = await servePage(root);
  const browser = spawn(executable, [...FLAGS, `--user-data-dir=${profile}`, page.url], {
    stdio: "ignore",
    env,
  });
  try {
    const report = await Promise.race([page.answer, ended(browser), patience()]);
    if (report === null) return none("the page gave no report", true);
    const found = parseJson(report) as Report;
    return { ...none(""), runtime: `chromium ${version?.[0]}`, report: found };
  } finally {
    browser.kill("SIGKILL");
    await ended(browser);
    page.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

function findBrowser(): string | null {
  const named = process.env["LETHE_CHROMIUM"];
  if (named) return existsSync(named) ? named : null;
  const found = NAMES.map(findSystemProgram).find(({ path }) => path !== null);
  return found?.path ?? null;
}

function newProfile(): string | null {
  try {
    return mkdtempSync(join(tmpdir(), "lethe-report-"));
  } catch {
    return null;
  }
}

const FLAGS: readonly string[] = [
  "--headless",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), // Chromium refuses root otherwise
];

function ended(browser: ReturnType<typeof spawn>): Promise<null> {
  return new Promise((resolve) => {
    if (browser.exitCode !== null || browser.signalCode !== null) resolve(null);
    browser.once("exit", () => resolve(null));
    browser.once("error", () => resolve(null));
  });
}

function patience(): Promise<null> {
  return new Promise((resolve) => setTimeout(resolve, PATIENCE, null).unref());
}
