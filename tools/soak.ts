/**
 * Runs the tests that `npm test` has no time for, at their full length.
 *
 *     node tools/soak.ts [--minutes N] [PART...]
 *     node tools/soak.ts --list                     prints the parts, as JSON
 *
 * With `--minutes` no part begins after that time; those left out are named, and fail nothing.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";

type Command = readonly [program: string, ...parameters: string[]];

const vitest = (node: string, ...parameters: string[]): Command => [
  `${node}/bin/node`,
  "--expose-gc",
  "node_modules/vitest/vitest.mjs",
  "run",
  ...parameters,
];

/** `conformance` lets gcore write whole core files: 2 GB for Node, some 18 GB for Deno. */
const PARTS: Readonly<Record<string, readonly Command[]>> = {
  fuzz: [vitest("node-24", "features/key_files/fuzz", "features/custodian/protocol")],
  histories: [vitest("node-24", "memories/pages/fault")],
  versions: ["node-22", "node-26"].map((node) => vitest(node, "core", "features/enclave")),
  loops: [
    vitest(
      "node-24",
      "memories/pages/runtimes",
      "memories/pages/sweep",
      "memories/pages/idle",
      "memories/sodium/exhaustion",
    ),
  ],
  attacks: [vitest("node-24", "attack.test")],
  // Other people's tools, from the registry: each in a small project that has the packed package.
  environments: [
    ["node-24/bin/node", "tools/build.ts"],
    vitest("node-24", "environment.test", "--reporter=verbose"),
  ],
  hostile: [vitest("node-24", "hostile.test")],
  examples: [vitest("node-24", "examples")],
  crypto: [vitest("node-24", "features/crypto")],
  keys: [
    vitest("node-24", "features/keys"),
    ...["node-22", "node-26"].map((node) =>
      vitest(node, "features/keys/forms", "features/keys/checked", "features/keys/bounds"),
    ),
  ],
  enclaves: [vitest("node-24", "features/enclave")],
  files: [vitest("node-24", "features/key_files")],
  custodian: [vitest("node-24", "features/custodian")],
  endings: [vitest("node-24", "features/prompt", "features/process")],
  web: [vitest("node-24", "adapters/web", "tools/newcomer")],
  // The pages, opened in Chromium. The generator comes from the registry.
  site: [
    ["node-24/bin/node", "tools/build_site.ts"],
    ["node-24/bin/node", "tools/check_site.ts"],
  ],
  faulty: [vitest("node-24", "testing/faulty", "conformance/target", "examples", "cli")],
  conformance: [
    vitest("node-22", "adapters/node"),
    vitest("node-24", "adapters/node"),
    vitest("node-26", "adapters/node"),
    [".bin/deno", "test", "-A", "--v8-flags=--expose-gc", "adapters/deno"],
    [".bin/bun", "test", "adapters/bun"],
  ],
  // As it is after npm install --omit=optional, but for sodium-native: Node 26 has FFI itself then.
  "without-koffi": [
    vitest("node-22", "adapters/node/conformance", "adapters/node/auto"),
    vitest("node-26", "adapters/node/conformance", "adapters/node/auto"),
    vitest("node-24", "features/prompt", "features/key_files", "features/custodian"),
  ],
};

/** What is set for a part, and for every process that its tests start. */
const ENVIRONMENTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "without-koffi": {
    NODE_OPTIONS: `--require=${resolve("testing/adapters/node/without_koffi.cjs")}`,
  },
};

const { values, positionals } = parseArgs({
  options: { minutes: { type: "string", default: "Infinity" }, list: { type: "boolean" } },
  allowPositionals: true,
});
if (values.list) {
  process.stdout.write(`${JSON.stringify(Object.keys(PARTS))}\n`);
  process.exit();
}
const unknown = positionals.filter((part) => !Object.hasOwn(PARTS, part));
if (unknown.length > 0) throw new RangeError(`No such part: ${unknown.join(", ")}`);
/** What test files of `environments` share: the packed package, and tools that are installed once. */
const shared = mkdtempSync(join(tmpdir(), "lethe-environments-"));
const deadline = performance.now() + Number(values.minutes) * 60_000;
const summary: string[] = [];

for (const part of positionals.length > 0 ? positionals : Object.keys(PARTS)) {
  if (performance.now() > deadline) {
    summary.push(`${part}: not begun, the time was over`);
    continue;
  }
  const start = performance.now();
  const passed = (PARTS[part] ?? []).every((command) => run(command, ENVIRONMENTS[part]));
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  summary.push(`${part}: ${passed ? "passed" : "FAILED"} (${seconds} s)`);
  if (!passed) process.exitCode = 1;
}
rmSync(shared, { recursive: true });
process.stdout.write(`\n${summary.join("\n")}\n`);

function run([program, ...parameters]: Command, environment: NodeJS.ProcessEnv = {}): boolean {
  const { status } = spawnSync(`node_modules/${program}`, parameters, {
    stdio: "inherit",
    env: { ...process.env, ...environment, LETHE_SOAK: "1", LETHE_ENVIRONMENTS: shared },
  });
  return status === 0;
}
