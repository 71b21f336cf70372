/** Runs the tests that `npm test` has no time for, at their full length. */
import { spawnSync } from "node:child_process";
import process from "node:process";

const { status } = spawnSync(
  "node_modules/node-24/bin/node",
  [
    ...["--expose-gc", "node_modules/vitest/vitest.mjs", "run"],
    ...["adapters/posix/runtimes", "conformance/faulty", "-t", "synchronous loop|nothing else"],
  ],
  { stdio: "inherit", env: { ...process.env, LETHE_SOAK: "1" } },
);
process.exitCode = status ?? 1;
