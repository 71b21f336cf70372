/** README's program on Deno, from npm and from JSR, with the commands and the flags that the documents name. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeBlocks } from "../documents/code_blocks.ts";
import { SOAK } from "../tier.ts";
import { tarball } from "./project.ts";
import { type Registry, serveJsr, serveNpm } from "./registries.ts";
import { runtimeFile } from "./tools.ts";

const DENO = runtimeFile("deno");
const [PROGRAM = { code: "" }] = codeBlocks();
const SAYS = "7 SecretBuffer(7 bytes, guarded, redacted)\n";

it("README and docs/deno.md name the same command and the same flags", () => {
  const [readme, page] = ["README.md", "docs/deno.md"].map((path) => readFileSync(path, "utf8"));
  expect(readme).toMatch(/^deno add npm:lethe .*--allow-ffi --allow-read\b/m);
  expect(page).toMatch(/^deno add npm:lethe$/m);
  expect(page).toMatch(/^deno run --allow-ffi --allow-read program\.ts$/m);
});

describe.skipIf(!SOAK)("Lethe on Deno", { timeout: 120_000 }, () => {
  let folder = "";
  let npm: Registry | undefined;
  let jsr: Registry | undefined;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "lethe-deno-"));
    const { stdout } = spawnSync("npm", ["config", "get", "registry"], { encoding: "utf8" });
    npm = await serveNpm(tarball(), stdout.trim());
    jsr = await serveJsr();
  }, 120_000);
  afterAll(() => {
    npm?.close();
    jsr?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A project with a deno.json alone. @returns how to run a command of Deno in it */
  function project(name: string, code: string): (line: string) => Promise<string> {
    const place = mkdtempSync(join(folder, name));
    writeFileSync(join(place, "deno.json"), "{}");
    writeFileSync(join(place, "program.ts"), code);
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    const own = { DENO_DIR: join(folder, "cache"), NO_COLOR: "1", DENO_NO_PROMPT: "1" };
    const registries = { NPM_CONFIG_REGISTRY: npm?.address, JSR_URL: jsr?.address };
    return async (line) => {
      const words = line.replace(/^deno /, "").split(" ");
      const env = { ...inherited, ...own, ...registries };
      const child = spawn(DENO, words, { cwd: place, env });
      let text = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (chunk) => {
          text += chunk;
        });
      }
      await new Promise((resolve) => child.once("close", resolve));
      return text;
    };
  }

  it("from npm runs README's program, and not with --allow-ffi alone", async () => {
    const run = project("npm", PROGRAM.code);
    await run("deno add npm:lethe");
    expect(await run("deno run --allow-ffi --allow-read program.ts")).toBe(SAYS);
    expect(await run("deno run --allow-ffi program.ts")).toContain("it needs --allow-read");
  });

  it("gives a program of exec: those variables alone that may be read", async () => {
    const run = project(
      "exec",
      `import { openSecrets } from "lethe";
import { readSecret } from "lethe/sources";
const printed = await readSecret(openSecrets(), "exec:/usr/bin/env");
console.log(printed.expose((bytes) => new TextDecoder().decode(bytes.slice()).replaceAll(/=.*/g, "")));`,
    );
    await run("deno add npm:lethe");
    const line = "deno run --allow-ffi --allow-read --allow-run=/usr/bin/env --allow-env";
    expect(await run(`${line}=NODE_V8_COVERAGE program.ts`)).toBe("PATH\n");
    expect(await run(`${line}=NODE_V8_COVERAGE,HOME program.ts`)).toBe("HOME\nPATH\n");
  });

  it("from JSR takes sodium-native in node_modules", async () => {
    const run = project("jsr", PROGRAM.code.replaceAll('"lethe', '"@lethe/lethe'));
    await run("deno add jsr:@lethe/lethe");
    expect(await run("deno run -A program.ts")).toMatch(/ERR_LETHE_UNAVAILABLE|no engine for it/);
    await run("deno add npm:sodium-native");
    await run("deno install --node-modules-dir=auto");
    const line = "deno run --allow-ffi --allow-read --node-modules-dir=auto program.ts";
    expect(await run(line)).toContain(SAYS);
  });

  it("from JSR takes an engine that it is given", async () => {
    const given = PROGRAM.code
      .replaceAll('"lethe', '"@lethe/lethe')
      .replace(
        "openCrypto(secrets)",
        "openCrypto(secrets, { engine: await openLibsodiumEngine() })",
      );
    const run = project(
      "engine",
      `import { openLibsodiumEngine } from "@lethe/lethe/libsodium";\n${given}`,
    );
    await run("deno add jsr:@lethe/lethe");
    expect(await run("deno run --allow-ffi program.ts")).toContain(SAYS);
  });

  it("from JSR has a custodian whose program was bundled", async () => {
    const run = project(
      "custodian",
      `import { openCustodian } from "@lethe/lethe/custodian";
const program = Deno.args[0] && \`\${Deno.cwd()}/\${Deno.args[0]}\`;
const custodian = await openCustodian(program ? { program } : {});
console.log("opened", custodian.report.runtime, (await custodian.close()).code);`,
    );
    await run("deno add jsr:@lethe/lethe");
    await run("deno add npm:sodium-native");
    await run("deno install --node-modules-dir=auto");
    await run("deno bundle jsr:@lethe/lethe/custodian-program -o custodian_main.mjs");
    const line = "deno run -A --node-modules-dir=auto program.ts";
    expect(await run(line)).toContain("build lethe/custodian-program");
    expect(await run(`${line} custodian_main.mjs`)).toMatch(/opened deno .* 0\n$/);
  });
});
