/**
 * Fails when a block of TypeScript in README, docs or a public docstring does not compile under
 * `tsc --strict`, or does not run on Node 24, in an empty project. The soak runs each on every runtime.
 *
 *     node tools/run_examples.ts [WORD...]    those whose name has one of the words; all without
 */
import { execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { type CodeBlock, codeBlocks, examples } from "../testing/documents/code_blocks.ts";
import { givenTo, isPartOfProgram, RUN_ELSEWHERE } from "../testing/documents/needs.ts";
import {
  BESIDE,
  blockCommand,
  fileOf,
  linkPackages,
  STRICT,
  writeBlock,
} from "../testing/documents/run_block.ts";

const RUNTIME = "node 24";
const NODE = resolve("node_modules/node-24/bin/node");
/** A block that takes longer waits for something that does not come. */
const MILLISECONDS = 60_000;

const words = process.argv.slice(2);
const chosen = [...codeBlocks(), ...examples()].filter(
  ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
);
const runnable = chosen.filter(
  (block) =>
    RUN_ELSEWHERE[block.name] === undefined && (givenTo(block).only?.includes(RUNTIME) ?? true),
);

const project = mkdtempSync(join(tmpdir(), "lethe-examples-"));
try {
  linkPackages(project, ["lethe", ...BESIDE]);
  writeFileSync(join(project, "package.json"), '{ "type": "module" }');
  const failures = [...(await compile()), ...(await runAll())];
  for (const failure of failures) process.stderr.write(`${failure.trimEnd()}\n`);
  process.stdout.write(`${runnable.length} examples, ${failures.length} failed\n`);
  process.exitCode = failures.length === 0 ? 0 : 1;
} finally {
  rmSync(project, { recursive: true });
}

async function compile(): Promise<readonly string[]> {
  const blocks = chosen.filter(({ name }) => !isPartOfProgram(name));
  mkdirSync(join(project, "types"));
  for (const { name, code } of blocks) writeFileSync(join(project, "types", fileOf(name)), code);
  const files = blocks.map(({ name }) => join("types", fileOf(name)));
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions: STRICT, files }));
  const tsc = resolve("node_modules/typescript/bin/tsc");
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [tsc, "-p", project, "--pretty", "false"],
    { cwd: project },
  ).catch((error: { readonly stdout: string }) => error);
  return stdout.split("\n").filter((line) => line.startsWith("types/"));
}

/** Two at a time: most of one is the start of its runtime. */
async function runAll(): Promise<readonly string[]> {
  const waiting = [...runnable];
  const failures: string[] = [];
  const work = async (): Promise<void> => {
    for (let block = waiting.shift(); block !== undefined; block = waiting.shift()) {
      const failure = await run(block);
      if (failure !== null) failures.push(failure);
    }
  };
  await Promise.all([work(), work()]);
  return failures;
}

async function run(block: CodeBlock): Promise<string | null> {
  const folder = join(project, "run", fileOf(block.name));
  const input = writeBlock(folder, block);
  const [file = "", ...parameters] = blockCommand(RUNTIME, NODE);
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(file, parameters, { cwd: folder, env, timeout: MILLISECONDS });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  child.stdin.on("error", () => undefined); // it ended without reading
  child.stdin.end(input);
  const { promise, resolve: end } = Promise.withResolvers<number | string | null>();
  child
    .on("close", (code, signal) => end(signal ?? code))
    .on("error", (error) => end(error.message));
  const how = await promise;
  return how === 0 ? null : `${block.name}: ended with ${how}\n${said}`;
}
