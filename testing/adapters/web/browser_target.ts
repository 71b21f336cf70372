import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { NotRun } from "../../../conformance/check.ts";
import type { Mapping, Needle, Report, ScanReport } from "../../../conformance/mod.ts";
import { derivedNeedle, scanProcess } from "../../../conformance/mod.ts";
import { readMappings } from "../../../conformance/target/mappings.ts";
import type {
  TargetAnswer,
  TargetHello,
  TargetReplies,
  TargetRequest,
} from "../../../conformance/target/requests.ts";
import { type Fate, type Target, TargetError } from "../../../conformance/target/target.ts";
import type { BrowserProcess, Chromium, Tab } from "./chromium.ts";
import type { Conversation } from "./conversation.ts";
import type { Site } from "./site.ts";

const PATIENCE = 60_000;

/** Which processes each look reads: the renderer of the page, or all that the browser has. */
export type Breadth = "renderer" | "every process";

/**
 * A page, or a worker of one, as a target of the suite: asked over {@link Conversation}, and looked
 * into through `/proc` like any other process.
 */
export class BrowserTarget implements Target {
  readonly hello: TargetHello;
  readonly #chromium: Chromium;
  readonly #tab: Tab;
  readonly #conversation: Conversation;
  readonly #breadth: Breadth;

  private constructor(
    hello: TargetHello,
    chromium: Chromium,
    tab: Tab,
    conversation: Conversation,
    breadth: Breadth,
  ) {
    this.hello = hello;
    this.#chromium = chromium;
    this.#tab = tab;
    this.#conversation = conversation;
    this.#breadth = breadth;
  }

  /** @param address of the page, up to where its query goes on */
  static async start(
    site: Site,
    chromium: Chromium,
    address: string,
    breadth: Breadth,
  ): Promise<BrowserTarget> {
    const { number, conversation } = site.open();
    const url = `${site.origin}${address}lines=${number}`;
    const tab = await chromium.visit(url, () => conversation.end());
    const seed = Math.floor(Math.random() * 2 ** 32);
    const hello = (await converse(conversation, tab, { do: "hello" })) as TargetHello;
    await converse(conversation, tab, { do: "control", seed, byteLength: 32 });
    const pid = await rendererWith(derivedNeedle(seed, 32), chromium.processes());
    await converse(conversation, tab, { do: "reset" });
    // In a browser `onMisuse: "crash"` ends no process, and says so where it is documented.
    const told = { ...hello, pid, runtime: `chromium ${chromium.version}`, aborts: false };
    return new BrowserTarget(told, chromium, tab, conversation, breadth);
  }

  async ask<R extends TargetRequest>(request: R): Promise<TargetReplies[R["do"]]> {
    return (await converse(this.#conversation, this.#tab, request)) as TargetReplies[R["do"]];
  }

  /** Has the program run what it can check on itself; only the service worker's understands it. */
  async inside(): Promise<Report> {
    const line = this.#conversation.ask("inside");
    return JSON.parse(await inTime(line, "inside", this.#tab)) as Report;
  }

  fate(): Promise<Fate> {
    throw new NotRun("nothing that a page does ends its process");
  }

  kill(): Promise<Fate> {
    throw new NotRun("a browser's process is not the suite's to kill");
  }

  async scan(needles: readonly Needle[]): Promise<ScanReport> {
    const processes = this.#chromium.processes();
    const wanted = processes.filter(
      ({ pid }) => this.#breadth === "every process" || pid === this.hello.pid,
    );
    return scanAll(wanted, needles, this.hello.pid);
  }

  scanCore(): Promise<ScanReport> {
    throw new NotRun("a browser writes no core file");
  }

  mappings(): Promise<readonly Mapping[]> {
    return readMappings(this.hello.pid);
  }

  async residentBytes(): Promise<number> {
    const status = readFileSync(`/proc/${this.hello.pid}/status`, "latin1");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  }

  async complaints(): Promise<string> {
    await sleep(100); // What the console was given before the last answer may still be on its way.
    return this.#tab.complaints();
  }

  async close(): Promise<void> {
    this.#conversation.end();
    await this.#tab.close();
  }
}

/** Several processes as one report. What it says of `pid` is where the page runs. */
export function scanAll(
  processes: readonly BrowserProcess[],
  needles: readonly Needle[],
  pid: number,
): ScanReport {
  const reports = processes.flatMap((one) => {
    const report = scanProcess(one.pid, needles);
    if (report.outcome !== "scanned") throw new NotRun(report.reason);
    return [report];
  });
  const sum = (of: (report: ScanReport) => number): number =>
    reports.reduce((total, report) => total + of(report), 0);
  return {
    outcome: "scanned",
    source: "process",
    pid,
    path: null,
    encodings: Math.min(...reports.map(({ encodings }) => encodings)),
    findings: reports.flatMap(({ findings }) => findings),
    truncated: reports.some(({ truncated }) => truncated),
    bytesScanned: sum(({ bytesScanned }) => bytesScanned),
    mappingsScanned: sum(({ mappingsScanned }) => mappingsScanned),
    skipped: reports.flatMap(({ skipped }) => skipped),
    unreadable: reports.flatMap(({ unreadable }) => unreadable),
    durationMs: sum(({ durationMs }) => durationMs),
  };
}

/** The process of the page is the renderer that holds what only the page derived. */
async function rendererWith(needle: Needle, processes: readonly BrowserProcess[]): Promise<number> {
  const renderers = processes.filter(({ kind }) => kind === "renderer");
  const found = renderers.filter(
    ({ pid }) => scanAll([{ pid, kind: "" }], [needle], pid).findings.length > 0,
  );
  const [only] = found;
  if (found.length !== 1 || only === undefined) {
    throw new TargetError(`${found.length} of ${renderers.length} renderers hold the control`);
  }
  return only.pid;
}

async function converse(
  conversation: Conversation,
  tab: Tab,
  request: TargetRequest,
): Promise<unknown> {
  const what = Object.values(request).join(" ");
  const line = await inTime(conversation.ask(JSON.stringify(request)), what, tab);
  const answer = JSON.parse(line) as TargetAnswer;
  if ("error" in answer) throw new TargetError(`${what}: ${answer.error}`);
  return answer.value;
}

/** @throws {TargetError} with what the page complained of, when it ends or takes too long */
export async function inTime(
  line: Promise<string | null>,
  what: string,
  tab: Tab,
): Promise<string> {
  const patience = new AbortController();
  const late = sleep(PATIENCE, null, { signal: patience.signal }).catch(() => null);
  try {
    const heard = await Promise.race([line, late]);
    if (heard !== null) return heard;
    throw new TargetError(`${what}: no answer; the page said:\n${tab.complaints()}`);
  } finally {
    patience.abort();
  }
}
