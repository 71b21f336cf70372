/** Runs the hostile probe in a runtime, on a machine that refuses something, and looks in from outside. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { derivedNeedle, scanProcess } from "../../../conformance/mod.ts";
import { INSTALLED, ROOT, RUNTIMES } from "../../features/prompt/pty.ts";

export const PROBE: string = `${ROOT}testing/memories/pages/hostile_probe.ts`;

/** Each runtime of this machine, with the memories that it has over FFI besides `auto`. */
export const SUBJECTS: readonly (readonly [runtime: string, memory: string])[] = INSTALLED.flatMap(
  (name) =>
    (name === "node-22" ? ["auto"] : ["auto", "secretmem", "pages"]).map(
      (memory) => [name, memory] as const,
    ),
);

/** What a probe said and how it ended. */
export interface Life {
  /** Each step and what came of it: `ok`, or the code of a LetheError. */
  readonly steps: Readonly<Record<string, string>>;
  readonly memory: string | null;
  readonly locked: string | null;
  /** Every sentence in which Lethe gave a reason: errors, what was passed over, evidence. */
  readonly reasons: string;
  readonly passedOver: readonly string[];
  /** Copies of the secret after its end; null: the probe did not come so far. */
  readonly residue: number | null;
  readonly code: number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

const NEEDLE = derivedNeedle(7301, 64, "secret");
const WITNESS = derivedNeedle(7302, 512, "witness");

/** @param around the command that makes the machine hostile, in front of the runtime's */
export async function live(
  around: readonly string[],
  runtime: string,
  ...parameters: readonly string[]
): Promise<Life> {
  return await liveThrough({ around, runtime, words: [PROBE, ...parameters] });
}

/** A life of a probe. */
export interface Course {
  readonly around: readonly string[];
  readonly runtime: string;
  /** The command line of a runtime that is not one of this repository. */
  readonly command?: readonly string[];
  /** Milliseconds. */
  readonly patience?: number;
  /** The probe, and its parameters. */
  readonly words: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Called when the probe has started, before it does anything. */
  readonly ready?: (pid: number) => void;
  /** What the probe reads once it has started. */
  readonly typed?: string;
}

export async function liveThrough(course: Course): Promise<Life> {
  const [file = "", ...rest] = [
    ...course.around,
    ...(course.command ?? RUNTIMES[course.runtime] ?? []),
    ...course.words,
  ];
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  // Without it the probe has 16 bytes of the secret on its stack now and then: SECURITY.md, of registers.
  const env = { ...inherited, NODE_NO_WARNINGS: "1", LD_BIND_NOW: "1", ...course.env };
  const child = spawn(file, rest, { env, cwd: ROOT });
  const deadline = setTimeout(() => child.kill("SIGKILL"), course.patience ?? 50_000);
  let stderr = "";
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal }));
  });
  child.stdin.on("error", () => undefined);
  let said: Partial<Life> & { readonly pid?: number } = {};
  let residue: number | null = null;
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith("{")) continue;
    said = { ...said, ...JSON.parse(line) };
    if (line.includes('"ready"')) {
      course.ready?.(said.pid ?? 0);
      child.stdin.write(course.typed ?? "");
    }
    if (!line.includes('"over"')) continue;
    residue = await copies(said.pid ?? 0);
    child.stdin.end("go\n");
  }
  const end = await ended;
  clearTimeout(deadline);
  return {
    ...{ steps: {}, memory: null, locked: null, reasons: "", passedOver: [] },
    ...said,
    ...end,
    residue,
    stderr,
  };
}

async function copies(pid: number): Promise<number> {
  const report = await scanProcess(pid, [NEEDLE, WITNESS]);
  if (report.outcome !== "scanned") throw new Error(report.reason);
  const of = (label: string) => report.findings.filter(({ needle }) => needle === label).length;
  if (of(WITNESS.label) === 0) throw new Error("The scan does not find the witness");
  return of(NEEDLE.label);
}

/** The filter of system calls, compiled. */
export interface Filter {
  readonly around: (action: string, calls: string) => readonly string[];
  remove(): void;
}

/** Why there is no filter here, or nothing. In front of the names of tests that take it. */
export const NO_FILTER: string =
  process.platform !== "linux"
    ? "NOT RUN, it takes Linux: "
    : spawnSync("cc", ["--version"]).status === 0
      ? ""
      : "NOT RUN, it takes a C compiler: ";

export function compileFilter(): Filter {
  const folder = mkdtempSync(join(tmpdir(), "lethe-filter-"));
  const program = join(folder, "refuse_calls");
  const source = `${ROOT}testing/memories/pages/refuse_calls.c`;
  const { status, stderr } = spawnSync("cc", ["-O", "-o", program, source], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return {
    around: (action, calls) => [program, action, calls],
    remove: () => rmSync(folder, { recursive: true }),
  };
}
