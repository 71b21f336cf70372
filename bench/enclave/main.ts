// Enclaves beside C on libsodium: node bench/enclave/main.ts [runtime | million].
// Takes a C compiler and the headers of libsodium (apt-get install libsodium-dev).
import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const bin = (path: string): string => at(`../../node_modules/${path}`);
interface Subject {
  readonly command: readonly string[];
  readonly adapter: string;
  readonly memory: string;
}
const RUNTIMES: Readonly<Record<string, Subject>> = {
  "node-24": {
    command: [bin("node-24/bin/node"), "--expose-gc"],
    adapter: "node",
    memory: "sodium",
  },
  "node-26": {
    command: [bin("node-26/bin/node"), "--no-warnings", "--expose-gc"],
    adapter: "node",
    memory: "secretmem",
  },
  deno: {
    command: [bin("deno/deno"), "run", "-A", "--v8-flags=--expose-gc"],
    adapter: "deno",
    memory: "secretmem",
  },
  bun: { command: [bin("bun/bin/bun.exe")], adapter: "bun", memory: "secretmem" },
};
/** Bytes, and how often in one go: short enough that a busy machine leaves some of them alone. */
const SIZES = [
  [32, 200],
  [1024, 200],
  [1_048_576, 1],
] as const;
const TURNS = 3;

type Times = Record<string, number>;

/** Each way and what it is held against. */
const WAYS = [
  ["seal", "seal"],
  ["seal", "sealGuarded"],
  ["expose", "open"],
  ["open", "open"],
] as const;

const [only] = process.argv.slice(2);
if (only === "million") for (const name of Object.keys(RUNTIMES)) million(name);
else compare();

function compare(): void {
  const reference = join(mkdtempSync(join(tmpdir(), "lethe-")), "reference");
  const { status } = spawnSync("cc", ["-O2", "-o", reference, at("reference.c"), "-lsodium"]);
  if (status !== 0) {
    process.stdout.write(
      "Nothing to compare with: reference.c needs a C compiler and libsodium-dev.\n",
    );
    return;
  }
  for (const name of Object.keys(RUNTIMES).filter((name) => (only ?? name) === name)) {
    for (const [bytes, rounds] of SIZES) {
      const parameters = [`${bytes}`, `${rounds}`];
      const c: Times = {};
      const js: Times = {};
      // C and JavaScript take turns: what others do on the machine, they do to both.
      for (let turn = 0; turn < TURNS; turn++) {
        keepLeast(c, run([reference, ...parameters]));
        keepLeast(js, run([...command(name, "measure.ts"), ...parameters]));
      }
      print(name, bytes, c, js);
    }
  }
}

function million(name: string): void {
  const result = run([...command(name, "million.ts"), "1000000"]);
  process.stdout.write(`${name}: ${JSON.stringify(result)}\n`);
}

function command(name: string, program: string): readonly string[] {
  const { command, adapter, memory } = RUNTIMES[name] as Subject;
  return [...command, at(program), adapter, memory];
}

function run([program = "", ...parameters]: readonly string[]): Times {
  const child = spawnSync(program, parameters, { encoding: "utf8" });
  if (child.status !== 0) throw new Error(`${program}: ${child.signal} ${child.stderr}`);
  return JSON.parse(child.stdout) as Times;
}

function keepLeast(least: Times, times: Times): void {
  for (const [way, time] of Object.entries(times)) {
    if (typeof time === "number") least[way] = Math.min(least[way] ?? time, time);
  }
}

function print(name: string, bytes: number, c: Times, js: Times): void {
  for (const [way, base] of WAYS) {
    const [mine = 0, other = 1] = [js[way], c[base]];
    process.stdout.write(
      `${name.padEnd(8)} ${`${bytes}`.padStart(8)} B  ${way.padEnd(7)} ${(mine / 1000).toFixed(1).padStart(8)} us   C ${base.padEnd(11)} ${(other / 1000).toFixed(1).padStart(8)} us   x ${(mine / other).toFixed(2)}\n`,
    );
  }
}
