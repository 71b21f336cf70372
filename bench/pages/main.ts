// Guarded pages beside C: node bench/pages/main.ts [runtime]. Takes a C compiler, and libsodium if there is.
import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  deno: [at("../../node_modules/deno/deno"), "run", "--allow-ffi"],
  bun: [at("../../node_modules/bun/bin/bun.exe")],
  node: [at("../../node_modules/node-26/bin/node"), "--no-warnings"],
};

type Results = Readonly<Record<string, readonly number[]>>;

const library = join(mkdtempSync(join(tmpdir(), "lethe-")), "reference.so");
const { status } = spawnSync("cc", ["-O2", "-shared", "-fPIC", "-o", library, at("reference.c")]);
if (status !== 0) throw new Error("Cannot compile reference.c: is there a C compiler, cc?");

const only = process.argv[2];
for (const runtime of Object.keys(RUNTIMES).filter((name) => (only ?? name) === name)) {
  for (const memory of ["pages", "secretmem"]) print(runtime, memory, "alone");
}
if ((only ?? "deno") === "deno") print("deno", "secretmem", "busy");

/** Alone: pinned to one core. Busy: another thread of the process spins on the other core. */
function print(runtime: string, memory: string, company: "alone" | "busy"): void {
  const cores = company === "alone" ? "1" : "0,1";
  const command = [...(RUNTIMES[runtime] ?? []), at("measure.ts"), memory, library, company];
  const child = spawnSync("taskset", ["-c", cores, ...command], { encoding: "utf8" });
  if (child.status !== 0) throw new Error(`${runtime}: ${child.signal} ${child.stderr}`);
  const { results } = JSON.parse(child.stdout) as { results: Results };
  const lines = Object.entries(results).map(([way, times]) => {
    const ratio = Math.min(...times) / Math.min(...(results[baseOf(way)] ?? times));
    const [least, middle] = [Math.min(...times), median(times)].map((t) =>
      t.toFixed(0).padStart(7),
    );
    return `  ${way.padEnd(38)} least ${least} ns  median ${middle} ns  x ${ratio.toFixed(2)}`;
  });
  process.stdout.write(`${runtime}, ${memory}, ${company}\n${lines.join("\n")}\n\n`);
}

/** What a way is compared with: least with least, since others may be using the machine too. */
function baseOf(way: string): string {
  if (way.includes("eight")) return "JS: eight apart";
  const cycle = way.includes("sodium") || way.includes("destroy");
  return cycle ? "C: sodium_malloc, write, sodium_free" : "C: mprotect pair";
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
