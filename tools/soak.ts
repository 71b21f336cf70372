/**
 * Runs the tests that `npm test` has no time for, at their full length.
 *
 *     node tools/soak.ts [--minutes N] [PART...]
 *     node tools/soak.ts --list                     prints the parts, as JSON
 *
 * With `--minutes` no part begins after that time; those left out are named, and fail nothing.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { type Command, ENVIRONMENTS, PARTS } from "./soak_parts.ts";

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
/** Tests start Node some ten thousand times: with its types stripped already, that takes less than half. */
const cache = mkdtempSync(join(tmpdir(), "lethe-compiled-"));
chmodSync(cache, 0o755);
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
for (const folder of [shared, cache]) rmSync(folder, { recursive: true });
process.stdout.write(`\n${summary.join("\n")}\n`);

function run([program, ...parameters]: Command, environment: NodeJS.ProcessEnv = {}): boolean {
  const { status } = spawnSync(`node_modules/${program}`, parameters, {
    stdio: "inherit",
    env: {
      ...process.env,
      ...environment,
      LETHE_SOAK: "1",
      LETHE_ENVIRONMENTS: shared,
      NODE_COMPILE_CACHE: cache,
    },
  });
  return status === 0;
}
