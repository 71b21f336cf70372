// Guarded pages beside C: node bench/pages/main.ts [runtime]. Takes a C compiler, and libsodium if there is.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  deno: [at("../../node_modules/deno/deno"), "run", "--allow-ffi", "--allow-read", "--allow-env"],
  bun: [at("../../node_modules/bun/bin/bun.exe")],
  "node-24 with koffi": [at("../../node_modules/node-24/bin/node"), "--no-warnings"],
  "node-26 with koffi": [at("../../node_modules/node-26/bin/node"), "--no-warnings"],
  "node-26 with node:ffi": [
    at("../../node_modules/node-26/bin/node"),
    "--no-warnings",
    "--require",
    at("../../testing/adapters/node/without_koffi.cjs"),
  ],
};

type Results = Readonly<Record<string, readonly number[]>>;

const folder = mkdtempSync(join(tmpdir(), "lethe-"));
const library = join(folder, "reference.so");
const { status } = spawnSync("cc", ["-O2", "-shared", "-fPIC", "-o", library, at("reference.c")]);
if (status !== 0) throw new Error("Cannot compile reference.c: is there a C compiler, cc?");

const only = process.argv[2];
try {
  for (const runtime of Object.keys(RUNTIMES).filter(
    (name) => only === undefined || name.startsWith(only),
  )) {
    for (const memory of ["pages", "secretmem"]) print(runtime, memory, "alone");
  }
  if ((only ?? "deno") === "deno") print("deno", "secretmem", "busy");
} finally {
  rmSync(folder, { recursive: true });
}

/** Alone: pinned to one core. Busy: another thread of the process spins on the other core. */
function print(runtime: string, memory: string, company: "alone" | "busy"): void {
  const cores = company === "alone" ? "1" : "0,1";
  const command = [...(RUNTIMES[runtime] ?? []), at("measure.ts"), memory, library, company];
  const child = spawnSync("taskset", ["-c", cores, ...command], { encoding: "utf8" });
  if (child.status !== 0) throw new Error(`${runtime}: ${child.signal} ${child.stderr}`);
  const { results } = JSON.parse(child.stdout) as { results: Results };
  const lines = Object.entries(results).map(([way, times]) => {
    const ratio = least(results, way) / least(results, baseOf(way));
    const faster = baseOf(way).includes("sodium")
      ? `  ${(1 / ratio).toFixed(1)} times as fast`
      : "";
    const [low, middle] = [Math.min(...times), median(times)].map((t) => t.toFixed(0).padStart(7));
    return `  ${way.padEnd(37)} least ${low} ns  median ${middle} ns  x ${ratio.toFixed(2)}${faster}`;
  });
  const account = whereItGoes(results).map(
    ([what, time]) => `    ${time.toFixed(0).padStart(5)} ns  ${what}`,
  );
  const title = `${runtime}, ${memory}, ${company}`;
  process.stdout.write(`${title}\n${lines.join("\n")}\n  an expose:\n${account.join("\n")}\n\n`);
}

/** The parts of an expose: each way adds one step to the one before it. */
function whereItGoes(results: Results): readonly (readonly [string, number])[] {
  const [c, calls, floor, region, secret] = [
    "C: mprotect pair",
    "JS: mprotect pair",
    "JS: mprotect pair, view, transfer",
    "region: expose",
    "secret: expose",
  ].map((way) => least(results, way)) as [number, number, number, number, number];
  const warm = least(results, "JS: view, transfer");
  return [
    ["two system calls", c],
    ["calling them from JavaScript", calls - c],
    ["view and transfer", warm],
    ["the same being dearer between the two calls", floor - calls - warm],
    ["the region's own steps", region - floor],
    ["the secret's own steps", secret - region],
  ];
}

function least(results: Results, way: string): number {
  return Math.min(...(results[way] ?? [Number.NaN]));
}

/** What a way is compared with: least with least, since others may be using the machine too. */
function baseOf(way: string): string {
  if (way.startsWith("eight")) return "eight secrets: expose in expose";
  const cycle = /sodium|destroy|pool/.test(way);
  return cycle ? "C: sodium_malloc, write, sodium_free" : "C: mprotect pair";
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
