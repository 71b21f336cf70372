/** Every block of TypeScript in README, docs and public docstrings, as a user takes it over: into an empty project with the package. */

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Project } from "../environments/project.ts";
import { runtimeFile } from "../environments/tools.ts";
import { SOAK } from "../tier.ts";
import { codeBlocks, examples, otherBlocks } from "./code_blocks.ts";
import { GIVEN, isPartOfProgram, RUN_ELSEWHERE } from "./needs.ts";

const BLOCKS = [...codeBlocks(), ...examples()];
const RUN = BLOCKS.filter(({ name }) => RUN_ELSEWHERE[name] === undefined);

/** What the text around a block says to install. */
const BESIDE = [
  ...["@types/node", "@types/pg", "undici-types", "pg-types", "pg-protocol", "pg", "jose"],
  ...["@noble/ciphers", "@noble/curves", "@noble/hashes", "libsodium-sumo"],
];

it("each block of the documents is run here, or says where", () => {
  const names = BLOCKS.map(({ name }) => name);
  expect(names.length).toBeGreaterThan(65);
  expect(names).toEqual(
    expect.arrayContaining([...Object.keys(RUN_ELSEWHERE), ...Object.keys(GIVEN)]),
  );
  expect(otherBlocks()).toEqual(["docs/bundling.md"]); // testing/environments writes and runs those
});

it("README's program runs as it stands", () => {
  const folder = mkdtempSync(join(tmpdir(), "lethe-readme-"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(resolve("."), join(folder, "node_modules/lethe"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "program.ts"), BLOCKS[0]?.code ?? "");
  const words = { cwd: folder, encoding: "utf8" } as const;
  const { stdout, stderr } = spawnSync(runtimeFile("node 24"), ["program.ts"], words);
  rmSync(folder, { recursive: true });
  expect(stderr + stdout).toBe("7 SecretBuffer(7 bytes, guarded, redacted)\n");
});

describe.skipIf(!SOAK)("blocks of the documents", { timeout: 240_000 }, () => {
  let project: Project;
  beforeAll(() => {
    project = new Project();
    project.write("package.json", '{ "type": "module" }');
    for (const name of BESIDE) {
      const place = join(project.folder, "node_modules", name);
      mkdirSync(dirname(place), { recursive: true });
      symlinkSync(resolve("node_modules", name), place);
    }
  });
  afterAll(() => project.remove());

  it("compile under tsc --strict", () => {
    const checked = BLOCKS.filter(({ name }) => !isPartOfProgram(name));
    const files = checked.map(({ name, code }) => {
      const path = `types/${fileOf(name)}`;
      project.write(path, code);
      return path;
    });
    const compilerOptions = {
      ...{ strict: true, noEmit: true, target: "es2022", module: "nodenext" },
      ...{ lib: ["esnext"], types: ["node"], allowImportingTsExtensions: true },
    };
    project.write("tsconfig.json", JSON.stringify({ compilerOptions, files }));
    const tsc = resolve("node_modules/typescript/bin/tsc");
    const said = project.tryRun(["node 24", tsc, "-p", ".", "--pretty", "false"]);
    expect(said.split("\n").filter((line) => line.startsWith("types/"))).toEqual([]);
    project.delete("tsconfig.json");
  });

  const runtimes = ["node 24", "node 26", "deno", "bun"];
  describe.each(runtimes)("run on %s", (runtime) => {
    const able = RUN.filter(({ name }) => GIVEN[name]?.only?.includes(runtime) ?? true);
    it.each(able.map(({ name, code }) => [name, code] as const))("%s", (name, code) => {
      const folder = `run-${runtime.replace(" ", "-")}/${fileOf(name)}`;
      project.write(`${folder}/program.ts`, code);
      const { input = "", key } = GIVEN[name] ?? {};
      if (key !== undefined) makeKey(join(project.folder, folder), key, input.trim());
      const words = runtime === "deno" ? ["run", "--allow-all", "--no-prompt"] : [];
      project.run(["setsid", "-w", runtimeFile(runtime), ...words, "program.ts"], {
        folder,
        input,
      });
      rmSync(join(project.folder, folder), { recursive: true });
    });
  });
});

function fileOf(name: string): string {
  return `${name.replaceAll(/\W+/g, "_")}.ts`;
}

function makeKey(folder: string, kind: "plain" | "encrypted", passphrase: string): void {
  const file = join(folder, "id_ed25519");
  const words = ["-q", "-t", "ed25519", "-N", kind === "plain" ? "" : passphrase, "-f", file];
  const { status, stderr } = spawnSync("ssh-keygen", words, { encoding: "utf8" });
  if (status !== 0) throw new Error(`ssh-keygen: ${stderr}`);
}
