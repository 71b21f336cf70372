import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Needle, type ScanReport, scanProcess } from "../../conformance/mod.ts";
import { Tracer } from "../../conformance/tracer/tracer.ts";
import { atHand } from "../../testing/built.ts";
import { MISSING, Pty, RUNTIMES, SOAK } from "../../testing/features/prompt/pty.ts";
import { password } from "../../testing/features/prompt/typed.ts";

// `lethe scan` as the target: while it looks for a secret, and when its last instruction is done.

const needle: Needle = { label: "password", bytes: password("ascii") };
/** It stands in the command line, so that it lies in the scanner: a look that misses it is blind. */
const NAME = "a-long-name-in-the-command-line";
const control: Needle = { label: "control", bytes: new TextEncoder().encode(NAME) };

let directory = "";
let path = "";
beforeAll(() => {
  // A hole costs nothing there, neither room nor cache.
  const folder = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
  directory = mkdtempSync(join(folder, "lethe-scan-"));
  path = join(directory, NAME);
  writeFileSync(path, "");
  truncateSync(path, (SOAK ? 6 : 2) * 2 ** 30); // read in about a second, or several
});
afterAll(() => rmSync(directory, { recursive: true }));

/** The process that has the file open. */
async function reader(): Promise<number> {
  for (let tries = 0; tries < 2_000; tries += 1) {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      if (Number(pid) !== process.pid && opened(pid).includes(path)) return Number(pid);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("Nobody reads the file");
}

function opened(pid: string): readonly string[] {
  try {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).map((name) => readlinkSync(`${folder}/${name}`));
  } catch {
    return []; // it has ended, or is not ours
  }
}

function look(pid: number, pause: boolean): ScanReport {
  const report = scanProcess(pid, [needle, control], { pause, fragmentBytes: 8 });
  if (report.outcome !== "scanned") throw new Error(report.reason);
  expect(report.findings.map(({ needle: label }) => label)).toContain("control");
  return report;
}

/** Every copy but one on pages that are locked or kept out of core files: the needle itself. */
function check(report: ScanReport): void {
  const copies = report.findings.filter(({ needle: label }) => label === "password");
  const hidden = report.unreadable.some(({ reason }) => reason === "secret-memory");
  expect(copies.map(({ encoding }) => encoding)).toEqual(hidden ? [] : ["raw"]);
  for (const { mapping } of copies) expect(mapping.flags).toContain("dd");
}

/** Looks once more, and then at what is left when it has ended but still has its memory. */
async function toItsEnd(pid: number): Promise<void> {
  // Under load it would have ended before the tracer has it.
  process.kill(pid, "SIGSTOP");
  check(look(pid, false));
  const report = await new Tracer(pid).atExit(
    () => process.kill(pid, "SIGCONT"),
    async () => look(pid, false),
  );
  expect(report.findings.filter(({ needle: label }) => label === "password")).toEqual([]);
}

const RUN = Object.entries(RUNTIMES).filter(([name]) => SOAK || name === "node-24");
const noTracer =
  process.arch === "x64" && spawnSync("cc", ["--version"]).error === undefined
    ? null
    : "no C compiler for the tracer";
const missing = MISSING ?? noTracer;
const suffix = missing === null ? "" : ` (did not run: ${missing})`;

describe.skipIf(missing !== null).each(RUN)(`lethe scan on %s${suffix}`, (_, command) => {
  it("holds the needle of a pipe once, out of reach, and leaves nothing", async () => {
    const [program = "", ...words] = [...command, atHand("cli/main.ts"), "scan", "--file", path];
    const child = spawn(program, words, { stdio: ["pipe", "ignore", "inherit"] });
    child.stdin.end(Buffer.concat([needle.bytes, Buffer.from("\n")]));
    const pid = await reader();
    for (let looks = 0; looks < (SOAK ? 2 : 0); looks += 1) check(look(pid, true));
    await toItsEnd(pid);
  });

  it.runIf(SOAK)(
    "holds the needle that was typed once, out of reach, and leaves nothing",
    async () => {
      const pty = new Pty([...command, atHand("cli/main.ts"), "scan", "--file", path]);
      try {
        await pty.saw(/not shown/);
        await new Promise((resolve) => setTimeout(resolve, 150)); // what is typed earlier is discarded
        pty.typePassword("ascii");
        pty.type("\r");
        const pid = await reader();
        for (let looks = 0; looks < 2; looks += 1) check(look(pid, true));
        await toItsEnd(pid);
      } finally {
        await pty.close();
      }
    },
  );
});
