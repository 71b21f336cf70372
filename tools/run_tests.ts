/**
 * Runs every test on every runtime, two runners at a time, prints each line as it comes behind the name of its
 * runner, and adds up what they report. The package has to be built: programs that tests start take it from
 * `dist` where they need nothing else, which spares each of them the types of all its modules.
 *
 *     node tools/run_tests.ts [RUNNER...]     RUNNER: node-22 node-24 node-26 deno bun
 *
 * At the end it names the files in which tests were skipped (for the soak, for want of a program, or
 * because a memory does not give what they ask), what was not run here, with how to have it, and each
 * test that failed, with its cause. The last line is `N passed, N failed`. A runner that dies without a
 * count is one failure.
 */
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { requireBuilt, stampSources } from "../testing/build_stamp.ts";
import { whatIsMissing } from "./not_run.ts";
import { failures, skippedByFile } from "./test_report.ts";

interface Runner {
  readonly name: string;
  readonly command: readonly string[];
  /** Captures the counts in the runner's own closing lines. */
  readonly passed: RegExp;
  readonly failed: RegExp;
  readonly skipped: RegExp;
  /** Where its report for programs is written, which names the files and what failed. */
  readonly json?: string;
  /** Captures the name of a test that failed, for a runner without such a report. */
  readonly failure?: RegExp;
}

/** Tests start Node some thousand times: with its types stripped already, that takes a third. */
const cache: string = mkdtempSync(join(tmpdir(), "lethe-compiled-"));
chmodSync(cache, 0o755);

const VITEST = ["--expose-gc", "node_modules/vitest/vitest.mjs", "run"];

/** What depends on the version of Node, and starts no processes of other runtimes. */
const ON_EACH_NODE = ["adapters/node/conformance", "adapters/node/auto"];

function vitest(name: string, ...parameters: readonly string[]): Runner {
  const json = join(cache, `${name}.json`);
  const reports = ["--reporter=default", "--reporter=json", `--outputFile.json=${json}`];
  return {
    name,
    command: [`node_modules/${name}/bin/node`, ...VITEST, ...parameters, ...reports],
    passed: /^ *Tests .*?(\d+) passed/m,
    failed: /^ *Tests .*?(\d+) failed/m,
    skipped: /^ *Tests .*?(\d+) skipped/m,
    json,
  };
}

const RUNNERS: readonly Runner[] = [
  // Its tests wait for other processes most of the time.
  vitest("node-24", "--maxWorkers=3"),
  {
    name: "bun",
    command: ["node_modules/.bin/bun", "test", "adapters/bun"],
    passed: /^ *(\d+) pass$/m,
    failed: /^ *(\d+) fail$/m,
    skipped: /^ *(\d+) skip$/m,
    failure: /^\(fail\) (.*)$/m,
  },
  vitest("node-26", ...ON_EACH_NODE),
  vitest("node-22", ...ON_EACH_NODE),
  {
    name: "deno",
    // npm run types has checked them; to do it again takes as long as the tests.
    command: [
      "node_modules/.bin/deno",
      "test",
      "--no-check",
      "-A",
      "--v8-flags=--expose-gc",
      "adapters/deno",
    ],
    passed: /(\d+) passed/,
    failed: /(\d+) failed/,
    skipped: /(\d+) ignored/,
    failure: /^(.*) => \S+:\d+:\d+$/m,
  },
];

interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed, a line for each. */
  readonly failures: readonly string[];
}

async function run({
  name,
  command,
  passed,
  failed,
  skipped,
  failure,
  json,
}: Runner): Promise<Count> {
  const [file = "", ...parameters] = command;
  const child = spawn(file, parameters, {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      LETHE_BUILT: built,
      NODE_COMPILE_CACHE: cache,
      NO_COLOR: "1",
      FORCE_COLOR: undefined,
    },
  });
  let text = "";
  process.stdout.write(`[${name}] ${command.join(" ")}\n`);
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on("line", (line) => {
      text += `${line}\n`;
      process.stdout.write(`[${name}] ${line}\n`);
    });
  }
  const code = await new Promise<number>((resolve) => {
    child.on("error", () => resolve(1));
    child.on("close", (status) => resolve(status ?? 1));
  });
  const count = {
    passed: last(text, passed),
    failed: last(text, failed),
    skipped: last(text, skipped),
    failures: json === undefined ? [...new Set(all(text, failure))] : failures(json),
  };
  return code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count;
}

function last(text: string, pattern: RegExp): number {
  return Number(all(text, pattern).at(-1) ?? 0);
}

function all(text: string, pattern: RegExp = /$^/): readonly string[] {
  return [...text.matchAll(new RegExp(pattern, `g${pattern.flags}`))].map(
    ([, found = ""]) => found,
  );
}

requireBuilt();
const built = stampSources();
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !RUNNERS.some((runner) => runner.name === name));
if (unknown.length > 0) throw new RangeError(`No such runner: ${unknown.join(", ")}`);

const total = { passed: 0, failed: 0 };
const summary: string[] = [];
const failed: string[] = [];

async function account(runner: Runner): Promise<void> {
  const start = performance.now();
  const count = await run(runner);
  total.passed += count.passed;
  total.failed += count.failed;
  failed.push(...count.failures.map((line) => `FAILED: [${runner.name}] ${line}`));
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  summary.push(
    `${runner.name}: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped (${seconds} s)`,
    ...(runner.json === undefined ? [] : skippedByFile(runner.json).map((line) => `    ${line}`)),
  );
}

const queue = RUNNERS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const worker = async (): Promise<void> => {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) await account(next);
};
await Promise.all([worker(), worker()]);
if (stampSources() !== built) {
  summary.push("FAILED: sources changed while the tests ran, which began with another build");
  total.failed += 1;
}
for (const line of whatIsMissing()) summary.push(`NOT RUN: ${line}`);
process.stdout.write(
  `\n${[...summary, ...failed].join("\n")}\n${total.passed} passed, ${total.failed} failed\n`,
);
rmSync(cache, { recursive: true });
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
