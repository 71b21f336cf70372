// Crypto with a secret key beside C: node bench/crypto/main.ts [runtime]
// Takes a C compiler, and libsodium with its headers (apt-get install libsodium-dev).
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  "node-22": [at("../../node_modules/node-22/bin/node"), "--no-warnings"],
  "node-24": [at("../../node_modules/node-24/bin/node"), "--no-warnings"],
  "node-26": [at("../../node_modules/node-26/bin/node"), "--no-warnings"],
  deno: [at("../../node_modules/deno/deno"), "run", "-A"],
  bun: [at("../../node_modules/bun/bin/bun.exe")],
};
const WORK = ["encrypt", "hmac", "derive", "sign", "seal", "open"];
const LIBSODIUM = "libsodium.so.23";

type Results = Readonly<Record<string, readonly number[]>>;

const folder = mkdtempSync(join(tmpdir(), "lethe-"));
const library = join(folder, "reference.so");
const compile = ["-O2", "-shared", "-fPIC", "-o", library, at("reference.c"), "-lsodium"];
const { status } = spawnSync("cc", compile);
if (status !== 0) throw new Error("Cannot compile reference.c: it takes cc and libsodium-dev");

const only = process.argv[2];
try {
  for (const name of Object.keys(RUNTIMES)) {
    if ((only ?? name) === name) print(name, "secretmem");
  }
} finally {
  rmSync(folder, { recursive: true });
}

/** Pinned to one core: closing a page then interrupts no other. */
function print(runtime: string, memory: string): void {
  const parameters = [at("measure.ts"), runtime.replace(/-.*/, ""), memory, library, LIBSODIUM];
  const command = ["-c", "1", ...(RUNTIMES[runtime] ?? []), ...parameters];
  const child = spawnSync("taskset", command, { encoding: "utf8" });
  if (child.status !== 0) throw new Error(`${runtime}: ${child.signal} ${child.stderr}`);
  const { engine, results } = JSON.parse(child.stdout) as { engine: string; results: Results };
  const lines = WORK.map((work) => {
    const [c, addresses, lethe] = ["C", "addresses", "Lethe"].map((way) =>
      Math.min(...(results[`${way}: ${work}`] ?? [Number.NaN])),
    ) as [number, number, number];
    return `  ${work.padEnd(8)} C ${micro(c)} us   on addresses ${micro(addresses)} us x ${(addresses / c).toFixed(2)}   Lethe ${micro(lethe)} us x ${(lethe / c).toFixed(2)}`;
  });
  process.stdout.write(`${runtime}, ${memory}, engine ${engine}\n${lines.join("\n")}\n`);
}

function micro(nanoseconds: number): string {
  return (nanoseconds / 1000).toFixed(1).padStart(6);
}
