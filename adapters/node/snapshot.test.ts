import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";
import { requireBuilt } from "../../testing/build_stamp.ts";

const folder: string = mkdtempSync(join(tmpdir(), "lethe-snapshot-"));
const program = join(folder, "program.cjs");
const blob = join(folder, "program.blob");

/** Opens secrets while it is built, and again when it is started. */
const SOURCE = `
import { startupSnapshot } from "node:v8";
import { openSecrets } from "./dist/adapters/node/doors/main.js";
function say(when) {
  try {
    console.log(when, openSecrets().random(32).byteLength);
  } catch (error) {
    console.log(when, error.code, error.message);
  }
}
say("built");
startupSnapshot.setDeserializeMainFunction(() => say("started"));
`;

beforeAll(async () => {
  requireBuilt();
  const stdin = { contents: SOURCE, resolveDir: process.cwd() };
  const how = { bundle: true, platform: "node", format: "cjs", logLevel: "error" } as const;
  await build({ stdin, outfile: program, ...how });
});
afterAll(() => rmSync(folder, { recursive: true }));

const node = (...parameters: readonly string[]): string =>
  spawnSync(process.execPath, parameters, {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, NODE_OPTIONS: "" },
  }).stdout;

it("no secret is opened while a startup snapshot is built, and one is when that is started", () => {
  expect(node("--snapshot-blob", blob, "--build-snapshot", program)).toMatch(
    /^built ERR_LETHE_UNAVAILABLE Cannot open secrets while Node.js builds a startup snapshot/,
  );
  expect(node("--snapshot-blob", blob)).toBe("started 32\n");
});

it("nor while one is built for a single executable, whose flag is not that of a snapshot", () => {
  const config = join(folder, "sea.json");
  writeFileSync(config, JSON.stringify({ main: program, output: blob, useSnapshot: true }));
  expect(node("--experimental-sea-config", config)).toContain("built ERR_LETHE_UNAVAILABLE");
});
