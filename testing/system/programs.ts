/** The programs that are run on each system, and on each hostile machine, and what came of them. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deriveInto } from "../../conformance/mod.ts";
import { ROOT } from "../features/prompt/pty.ts";
import { type Life, liveThrough } from "../memories/pages/hostile.ts";

/** A runtime on a system. */
export interface Place {
  /** Put before the command line. */
  readonly around: readonly string[];
  readonly command: readonly string[];
  /** Milliseconds, unless the machine is slow. */
  readonly patience?: number;
  readonly env?: NodeJS.ProcessEnv;
  /** Called in a life of secrets when the runtime has started. */
  readonly ready?: (pid: number) => void;
}

/** What came of a program. */
export interface Outcome {
  /** `held`, or what did not. */
  readonly end: string;
  /** What it said of itself: the memory, and guarantees that it has not. */
  readonly detail: string;
}

const PATIENCE = 60_000;

/** Each program, by what it does. */
export const PROGRAMS: Readonly<Record<string, (place: Place) => Promise<Outcome>>> = {
  "a secret in the strongest memory": (place) => lifeOf(place, "auto"),
  "crypto, key files, prompt": wholeLife,
  "the custodian": custodian,
  "lethe key create, inspect": keyCommand,
};

async function lifeOf({ patience = PATIENCE, ...place }: Place, memory: string): Promise<Outcome> {
  const words = [`${ROOT}testing/memories/pages/hostile_probe.ts`, memory];
  return outcomeOf(await liveThrough({ ...place, patience, runtime: "", words }));
}

async function wholeLife({ patience = PATIENCE, ...place }: Place): Promise<Outcome> {
  const folder = mkdtempSync("/var/tmp/lethe-system-");
  try {
    const given = new Uint8Array(64);
    deriveInto(7301, given);
    writeFileSync(join(folder, "given"), given, { mode: 0o400 });
    const typed = `\n${Buffer.from(given).toString("hex")}\n`;
    const words = [`${ROOT}testing/whole/machine_probe.ts`, folder];
    return outcomeOf(await liveThrough({ ...place, patience, runtime: "", typed, words }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function outcomeOf({ steps, code, signal, stderr, residue, memory, locked }: Life): Outcome {
  const failed = Object.entries(steps).filter(([, end]) => end !== "ok");
  const detail = `${memory}, locked: ${locked}, copies left: ${residue}`;
  if (code !== 0 || stderr !== "") {
    return { end: `ended with ${signal ?? code}: ${firstLine(stderr)}`, detail };
  }
  if (residue !== 0) return { end: `${residue} copies were left`, detail };
  if (failed.length === 0) return { end: "held", detail };
  return { end: failed.map(([step, end]) => `${step}: ${end}`).join(", "), detail };
}

async function custodian(place: Place): Promise<Outcome> {
  const options = JSON.stringify({ startMilliseconds: place.patience ?? PATIENCE });
  const program = `${ROOT}testing/features/custodian/reporter.ts`;
  const { status, stdout, stderr } = run(place, program, options);
  if (!stdout.startsWith("{")) return { end: `ended with ${status}`, detail: firstLine(stderr) };
  const said = JSON.parse(stdout) as {
    readonly report?: { readonly memory: string };
    readonly end?: { readonly code: number | null };
    readonly error?: { readonly code: string; readonly message: string };
  };
  if (said.error !== undefined)
    return { end: said.error.code, detail: firstLine(said.error.message) };
  const end = said.end?.code === 0 ? "held" : `it ended with ${said.end?.code}`;
  return { end, detail: said.report?.memory ?? "" };
}

async function keyCommand(place: Place): Promise<Outcome> {
  const folder = mkdtempSync("/var/tmp/lethe-system-");
  try {
    const key = join(folder, "key");
    for (const verb of ["create", "inspect"]) {
      const words = ["key", verb, "--json", key];
      const { status, stdout, stderr } = run(place, `${ROOT}cli/main.ts`, ...words);
      const code = status === 1 ? /^\{"error":"(\w+)"/.exec(stdout)?.[1] : undefined;
      if (code !== undefined) return { end: `${verb}: ${code}`, detail: "" };
      if (status !== 0) return { end: `${verb} ended with ${status}`, detail: firstLine(stderr) };
    }
    return { end: "held", detail: "" };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(
  { around, command, patience = PATIENCE, env: changed }: Place,
  ...words: readonly string[]
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const [file = "", ...rest] = [...around, ...command, ...words];
  const env = { ...process.env, NODE_NO_WARNINGS: "1", ...changed };
  return spawnSync(file, rest, { encoding: "utf8", env, timeout: patience, cwd: ROOT });
}

/** Without the folder that this repository lies in. */
const firstLine = (text: string): string =>
  text.replaceAll(ROOT, "").trim().split("\n")[0]?.slice(0, 200) ?? "";
