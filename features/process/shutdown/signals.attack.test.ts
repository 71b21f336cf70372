import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { INSTALLED, ROOT, RUNTIMES, SOAK } from "../../../testing/features/prompt/pty.ts";

const PROGRAM = `${ROOT}testing/features/process/shutdown/companions.ts`;

interface End {
  readonly code: number | null;
  readonly signal: string | null;
  /** What it said after it was ready. */
  readonly said: readonly string[];
  readonly stderr: string;
}

/** The sources once more, as a second version of Lethe in the same program. */
let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "lethe-copy-"));
  for (const part of ["core", "system", "features"]) {
    cpSync(`${ROOT}${part}`, join(copy, part), { recursive: true });
  }
});
afterAll(() => rmSync(copy, { recursive: true }));

/** Sends each signal once the program is ready, and the next one when it has said something more. */
async function run(name: string, companion: string, order: string, signals: readonly string[]) {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const [file = "", ...parameters] = RUNTIMES[name] ?? [];
  const command = ["--core=0", "--", file, ...parameters, PROGRAM, companion, order, copy];
  const child = spawn("prlimit", command, { cwd: ROOT, env: { ...env, NODE_NO_WARNINGS: "" } });
  const deadline = setTimeout(() => child.kill("SIGKILL"), 20_000);
  let stdout = "";
  let stderr = "";
  let sent = 0;
  child.stdout.on("data", (text) => {
    stdout += text;
    const { length } = stdout.split("\n");
    if (stdout.includes("ready") && sent < signals.length && length > sent + 1) {
      child.kill(signals[sent++] as NodeJS.Signals);
    }
  });
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  return new Promise<End>((resolve) => {
    child.on("close", (code, signal) => {
      clearTimeout(deadline);
      const said = stdout.split("\n").filter((line) => line !== "" && !line.startsWith("ready"));
      resolve({ code, signal, said, stderr });
    });
  });
}

const ENDED = { code: null, signal: "SIGTERM" } as const;
/** The application shut down in its own time; secrets were kept until then. */
const SHUT_DOWN = { code: 5, signal: null, said: ["shutting down", "shut down", "wiped A"] };

type Row = readonly [companion: string, expected: Partial<End>];

/** What ends, and what was said on the way, sorted: it depends on who came first. */
const ENDS: readonly Row[] = [
  ["none", { ...ENDED, said: ["wiped A"] }],
  ["second copy", { ...ENDED, said: ["wiped A", "wiped B"] }],
  ["second copy and signal-exit 4", { ...ENDED, said: ["hook", "wiped A", "wiped B"] }],
  ["signal-exit 3", { ...ENDED, said: ["hook", "wiped A"] }],
  ["signal-exit 4", { ...ENDED, said: ["hook", "wiped A"] }],
  ["signal-exit 3 and 4", { ...ENDED, said: ["hook", "wiped A"] }],
  ["when-exit", { ...ENDED, said: ["hook", "wiped A"] }],
  ["exit-hook", { code: 143, signal: null, said: ["hook", "wiped A"] }],
  ["node-cleanup", { ...ENDED, said: ["hook", "wiped A"] }],
  ["async-exit-hook", { code: 143, signal: null, said: ["hook", "wiped A"] }],
  ["counting library", { ...ENDED, said: ["library ends it", "wiped A"] }],
  ["application that raises it again", { ...ENDED, said: ["seen", "wiped A"] }],
  ["application that raises it again later", { ...ENDED, said: ["seen", "wiped A"] }],
  [
    "application, once, and a counting library",
    { ...ENDED, said: ["library ends it", "seen", "wiped A"] },
  ],
  ["listener that is marked", ENDED],
  ["functions that are replaced", { ...ENDED, said: ["wiped A"] }],
  ["secrets that cannot be purged", { ...ENDED, said: ["wiped A"] }],
  ["thirty more", { ...ENDED, said: ["wiped A"] }],
  ["a worker thread", { ...ENDED, said: ["wiped A"] }],
];

const GOES_ON: readonly Row[] = [
  ["application, on", SHUT_DOWN],
  ["application, once", SHUT_DOWN],
  ["application, prependOnce", SHUT_DOWN],
  ["application, prepended", SHUT_DOWN],
  ["application that removes itself", SHUT_DOWN],
  ["death", SHUT_DOWN],
  ["listener that throws when it is looked at", SHUT_DOWN],
  ["second copy and an application", { ...SHUT_DOWN, said: [...SHUT_DOWN.said, "wiped B"] }],
  ["application in a domain", { ...SHUT_DOWN, said: ["handled in the domain", ...SHUT_DOWN.said] }],
  ["application of Deno's own", SHUT_DOWN],
  ["a worker thread and an application", SHUT_DOWN],
];

/** For `npm test`: those that were swallowed, or that killed an application. */
const DAILY: readonly string[] = [
  "second copy before",
  "signal-exit 4 after",
  "application, once before",
];

/**
 * Bun does not tell when a listener leaves, and so only signal-exit is known there: see docs/shutdown.md.
 * Its domains do not see what a timer throws.
 */
const NOT_ON_BUN = /counting library|domain/;

const rows = (all: readonly Row[], name: string) =>
  all.flatMap(([companion, expected]) =>
    ["before", "after"]
      .filter((order) => SOAK || DAILY.includes(`${companion} ${order}`))
      .filter(() => !companion.includes("Deno") || name === "deno")
      .filter(() => !NOT_ON_BUN.test(companion) || name !== "bun")
      .map((order) => ({ companion, order, expected })),
  );

/** Each line once: that the process ends is told more than once, and a hook of two versions twice. */
const lines = (said: readonly string[]): readonly string[] => [...new Set(said)].sort();

describe
  .skipIf(process.platform !== "linux")
  .each(INSTALLED.filter((name) => SOAK || name === "node-24"))("SIGTERM on %s", (name) => {
  it.each(rows(ENDS, name))("ends a program with $companion ($order)", async (row) => {
    const { code, signal, said, stderr } = await run(name, row.companion, row.order, ["SIGTERM"]);
    const { said: expected, ...end } = row.expected;
    expect({ code, signal, stderr }).toEqual({ ...end, stderr: "" });
    expect(lines(said)).toEqual(lines(expected ?? said));
    expect(said).toContain("wiped A");
  });

  it.each(rows(GOES_ON, name))("leaves it to $companion ($order)", async (row) => {
    const { code, signal, said, stderr } = await run(name, row.companion, row.order, ["SIGTERM"]);
    const { said: expected, ...end } = row.expected;
    expect({ code, signal, stderr }).toEqual({ ...end, stderr: "" });
    expect(lines(said)).toEqual(lines(expected ?? said));
    expect(said).toContain("wiped A");
    expect(said.indexOf("shut down")).toBeLessThan(said.indexOf("wiped A"));
  });
});
