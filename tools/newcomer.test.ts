/**
 * The way of someone who has nothing but the packed tarball: installed into an empty project by npm,
 * and used on every runtime. It needs a registry for the optional dependency, so it runs in the soak.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noChromium, startChromium } from "../testing/adapters/web/chromium.ts";
import { openSite } from "../testing/adapters/web/site.ts";
import { SOAK } from "../testing/tier.ts";

const PROGRAM = `import { openSecrets } from "lethe";

const secrets = openSecrets();
const key = secrets.random(32);
console.log(key.expose((bytes) => bytes.length), "bytes in", secrets.memory);
for (const { memory, reason } of secrets.passedOver) console.log("not", memory, reason);
key.destroy();
console.log(key.state);
`;
const REQUIRING = PROGRAM.replace(/^.*$/m, 'const { openSecrets } = require("lethe");');

const DENO = ["deno", "run", "-A"];
const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  "Node 22": ["../node-22/bin/node"],
  "Node 24": ["../node-24/bin/node"],
  "Node 26": ["../node-26/bin/node"],
  Deno: DENO,
  Bun: ["bun"],
};

/** What npm is told, and the memory that Node 22 then has, on Linux 5.14 and newer. */
const WAYS: readonly (readonly [readonly string[], string])[] = [
  [[], "secretmem"],
  [["--ignore-scripts"], "secretmem"],
  [["--omit=optional"], "heap"],
];

const folder: string = mkdtempSync(join(tmpdir(), "lethe-newcomer-"));
let tarball = "";

describe.skipIf(!SOAK)("a newcomer", { timeout: 240_000 }, () => {
  beforeAll(() => {
    const { file } = run(".", ["npm", "pack", "--json", "--pack-destination", folder], packed);
    tarball = join(folder, file);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(WAYS)("holds a secret within two minutes of npm install %j", (flags, memory) => {
    const project = mkdtempSync(join(folder, "project-"));
    const begin = performance.now();
    writeFileSync(join(project, "package.json"), "{}");
    run(project, ["npm", "install", "--no-audit", "--no-fund", ...flags, tarball]);
    writeFileSync(join(project, "first.mjs"), PROGRAM);
    writeFileSync(join(project, "first.cjs"), REQUIRING);
    const [node] = Object.values(RUNTIMES) as [readonly string[]];
    expect(run(project, [...node, "first.mjs"])).toContain(`32 bytes in ${memory}`);
    const seconds = (performance.now() - begin) / 1000;
    expect(PROGRAM.trim().split("\n").length).toBeLessThanOrEqual(10);
    expect(seconds).toBeLessThan(120);

    const told: string[] = [];
    for (const [name, command] of Object.entries(RUNTIMES)) {
      for (const program of ["first.mjs", "first.cjs"]) {
        const said = run(project, [...command, program]);
        told.push(`${name} ${program}: ${said.split("\n")[0]}`);
        expect(said, told.at(-1)).toMatch(/^32 bytes in \w+$/m);
        expect(said, told.at(-1)).toMatch(/^destroyed$/m);
      }
    }
    // Deno's require() knows `node` and not `deno`, whatever the order of the conditions.
    const memoryOf = (...command: readonly string[]): string =>
      /^32 bytes in (\w+)$/m.exec(run(project, command))?.[1] ?? "";
    const imported = memoryOf(...DENO, "first.mjs");
    expect(memoryOf(...DENO, "--conditions=deno", "first.cjs")).toBe(imported);
    writeFileSync(join(project, "own.cjs"), REQUIRING.replace('"lethe"', '"lethe/deno"'));
    expect(memoryOf(...DENO, "own.cjs")).toBe(imported);
    process.stdout.write(`${seconds.toFixed(1)} s with ${flags}\n  ${told.join("\n  ")}\n`);
  });

  it.skipIf(noChromium !== null)("holds a secret in a page, with no bundler", async () => {
    const project = mkdtempSync(join(folder, "page-"));
    const begin = performance.now();
    writeFileSync(join(project, "package.json"), "{}");
    run(project, ["npm", "install", "--no-audit", "--no-fund", tarball]);
    const entry = "/node_modules/lethe/dist/adapters/web/mod.js";
    writeFileSync(join(project, "first.js"), PROGRAM.replace('"lethe"', `"${entry}"`));
    const [site, chromium] = await Promise.all([openSite(project), startChromium()]);
    const tab = await chromium.visit(`${site.origin}/page/first.js`, () => undefined);
    const told = "32 bytes in heap\ndestroyed\n";
    await expect.poll(() => tab.complaints(), { timeout: 30_000 }).toBe(told);
    expect((performance.now() - begin) / 1000).toBeLessThan(120);
    await chromium.close();
    await site.close();
  });
});

/** Runs a program of `node_modules/.bin`, or of the system, in `directory`. */
function run(directory: string, command: readonly string[]): string;
function run<T>(directory: string, command: readonly string[], read: (text: string) => T): T;
function run<T>(
  directory: string,
  [program = "", ...parameters]: readonly string[],
  read?: (text: string) => T,
): T | string {
  const bin = resolve("node_modules/.bin");
  const file = program === "npm" ? program : join(bin, program);
  const path = `${dirname(process.execPath)}:${process.env["PATH"]}`;
  const { status, stdout, stderr } = spawnSync(file, parameters, {
    cwd: directory,
    encoding: "utf8",
    env: { ...process.env, PATH: path, NODE_OPTIONS: "", NO_COLOR: "1" },
  });
  if (status !== 0) throw new Error(`${program} ${parameters.join(" ")}: ${stdout}${stderr}`);
  return read === undefined ? stdout : read(stdout);
}

/** The name of the tarball in what `npm pack --json` prints. */
function packed(text: string): { readonly file: string } {
  const [entry] = Object.values(JSON.parse(text) as object) as { filename: string }[];
  return { file: entry?.filename ?? "" };
}
