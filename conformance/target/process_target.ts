import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { has, parseJson } from "../../core/arguments/own.ts";
import { NotRun } from "../check.ts";
import type { Needle } from "../forensics/needle.ts";
import type { Mapping, ScanReport, ScanResult } from "../forensics/report.ts";
import { scanCore } from "../forensics/scan_core.ts";
import { scanProcess } from "../forensics/scan_process.ts";
import { dataExtents } from "../tracer/extents.ts";
import { Tracer } from "../tracer/tracer.ts";
import { findCore } from "./core_file.ts";
import { scanInherited } from "./inherited.ts";
import { makeLiveCore } from "./live_core.ts";
import { readMappings } from "./mappings.ts";
import type { TargetAnswer, TargetHello, TargetReplies, TargetRequest, Way } from "./requests.ts";
import { type Fate, type Inherited, type Signal, type Target, TargetError } from "./target.ts";

/** Longer than any step takes, shorter than a person waits. */
const PATIENCE = 60_000;

/** A child process on Linux, spoken to line by line and read through `/proc`. */
export class ProcessTarget implements Target {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #directory: string;
  readonly #tidy: () => Promise<void>;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<Pick<Fate, "signal" | "code">>;
  #hello: TargetHello | null = null;
  #complaints = "";

  constructor(child: ChildProcessWithoutNullStreams, directory: string, tidy: () => Promise<void>) {
    this.#child = child;
    this.#directory = directory;
    this.#tidy = tidy;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    this.#ended = new Promise((resolve) => {
      child.on("close", (code, signal) => resolve({ code, signal }));
      child.on("error", () => resolve({ code: null, signal: null }));
    });
    child.stderr.on("data", (chunk: Uint8Array) => {
      this.#complaints += new TextDecoder().decode(chunk);
    });
    // A target that died takes no more requests: its end is told by `ended`.
    child.stdin.on("error", () => undefined);
  }

  get hello(): TargetHello {
    if (this.#hello === null) throw new TargetError("The target has not said hello");
    return this.#hello;
  }

  async greet(): Promise<void> {
    this.#hello = await this.ask({ do: "hello" });
  }

  async ask<R extends TargetRequest>(request: R): Promise<TargetReplies[R["do"]]> {
    const line = await this.#converse(request);
    if (line === null)
      throw new TargetError(`The target died of ${request.do}: ${await this.#lastWords()}`);
    const answer = parseJson(line) as TargetAnswer;
    if (has(answer, "error")) throw new TargetError(`${describe(request)}: ${answer.error}`);
    return answer.value as TargetReplies[R["do"]];
  }

  async fate(request: TargetRequest): Promise<Fate> {
    const answer = await this.#converse(request);
    if (answer !== null) this.#child.stdin.end();
    return { answer, ...(await this.#ended), complaints: this.#complaints };
  }

  kill(signal: Signal): Promise<Fate> {
    process.kill(this.hello.pid, signal);
    return this.end();
  }

  async end(): Promise<Fate> {
    return { answer: null, ...(await this.#ended), complaints: this.#complaints };
  }

  get tracer(): Tracer {
    return new Tracer(this.hello.pid);
  }

  async scan(needles: readonly Needle[]): Promise<ScanReport> {
    return scanned(scanProcess(this.hello.pid, needles));
  }

  async scanCore(needles: readonly Needle[]): Promise<ScanReport> {
    const path = await findCore(this.#directory, this.hello.pid);
    return scanCore(path, needles, { data: await dataExtents(path) });
  }

  async scanLiveCore(needles: readonly Needle[]): Promise<ScanReport> {
    const path = join(this.#directory, "live");
    try {
      await makeLiveCore(this.hello.pid, path);
      return scanCore(path, needles, { data: await dataExtents(path) });
    } finally {
      await rm(path, { force: true });
    }
  }

  scanInherited(needles: readonly Needle[]): Promise<Inherited> {
    return this.tracer.execute((executed) => scanInherited(executed, needles));
  }

  scanAtExit(way: Way, needles: readonly Needle[]): Promise<ScanReport> {
    const provoke = (): void => {
      if (way === "return") this.#child.stdin.end();
      else
        this.#child.stdin.write(`${JSON.stringify({ do: "exit", way } satisfies TargetRequest)}\n`);
      if (way.startsWith("SIG")) process.kill(this.hello.pid, way as Signal);
    };
    return this.tracer.atExit(provoke, async () => scanned(scanProcess(this.hello.pid, needles)));
  }

  killHolder(pid: number): void {
    process.kill(pid, "SIGKILL");
  }

  mappings(): Promise<readonly Mapping[]> {
    return readMappings(this.hello.pid);
  }

  async residentBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.hello.pid}/status`, "latin1");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  }

  async complaints(): Promise<string> {
    // What was written before the last answer may still be on its way here.
    await new Promise((resolve) => setTimeout(resolve, 20));
    return this.#complaints;
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 2_000);
    await this.#ended;
    clearTimeout(timer);
    await this.#tidy();
  }

  /** @returns the answer, or null when the target ended instead */
  async #converse(request: TargetRequest): Promise<string | null> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#child.kill("SIGKILL");
        reject(new TargetError(`${describe(request)}: no answer within ${PATIENCE} ms`));
      }, PATIENCE);
    });
    try {
      const { done, value } = await Promise.race([this.#lines.next(), late]);
      return done === true ? null : value;
    } finally {
      clearTimeout(timer);
    }
  }

  async #lastWords(): Promise<string> {
    const { signal, code } = await this.#ended;
    const said = this.#complaints.trim().split("\n").slice(-6).join("\n");
    return `${signal ?? `exit ${code}`}${said === "" ? "" : `\n${said}`}`;
  }
}

/** @throws {NotRun} where the system offers no way to look */
function scanned(result: ScanResult): ScanReport {
  if (result.outcome === "scanned") return result;
  throw new NotRun(result.reason);
}

function describe(request: TargetRequest): string {
  return Object.values(request).join(" ");
}
