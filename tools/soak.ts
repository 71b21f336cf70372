/** Runs the tests that `npm test` has no time for, at their full length. */
import { spawnSync } from "node:child_process";
import process from "node:process";

const VITEST = ["--expose-gc", "node_modules/vitest/vitest.mjs", "run"];
const LONG = "synchronous loop|nothing else|M2 |any history|whatever fails";

/** The long runs: a million secrets, histories of failing calls, every faulty memory against everything, exhaustion. */
const COMMANDS: readonly (readonly [string, ...string[]])[] = [
  ["node-24/bin/node", ...VITEST, "adapters/posix", "conformance/faulty", "-t", LONG],
  ["node-24/bin/node", ...VITEST, "core/crypto", "core/enclave"],
  ["node-24/bin/node", ...VITEST, "adapters/key_files"],
  ["node-24/bin/node", ...VITEST, "adapters/custodian"],
  ["node-24/bin/node", ...VITEST, "adapters/web", "tools/newcomer"],
  ["node-24/bin/node", ...VITEST, "adapters/terminal", "adapters/shutdown", "adapters/hardening"],
  ["node-22/bin/node", ...VITEST, "adapters/node"],
  ["node-26/bin/node", ...VITEST, "adapters/node"],
  [".bin/deno", "test", "-A", "--v8-flags=--expose-gc", "adapters/deno"],
  [".bin/bun", "test", "adapters/bun"],
];

for (const [program, ...parameters] of COMMANDS) {
  const { status } = spawnSync(`node_modules/${program}`, parameters, {
    stdio: "inherit",
    env: { ...process.env, LETHE_SOAK: "1" },
  });
  if (status !== 0) process.exitCode = 1;
}
