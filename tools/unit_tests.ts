/**
 * Runs the tests that start no other process and no thread: red or green in seconds.
 *
 *     npm run test:unit [-- PART OF A PATH...]
 */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { unitTests } from "./unit_tier.ts";

const wanted = process.argv.slice(2);
const chosen = unitTests().filter(
  (path) => wanted.length === 0 || wanted.some((part) => path.includes(part)),
);
const { status } = spawnSync(
  process.execPath,
  ["--expose-gc", "node_modules/vitest/vitest.mjs", "run", ...chosen],
  { stdio: "inherit", env: { ...process.env, LETHE_UNIT: "1" } },
);
process.exitCode = status ?? 1;
