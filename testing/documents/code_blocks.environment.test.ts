/** Every block of TypeScript in README, docs and public docstrings, as a user takes it over: into an empty project with the package. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Project } from "../environments/project.ts";
import { runtimeFile } from "../environments/tools.ts";
import { SOAK } from "../tier.ts";
import { codeBlocks, examples, otherBlocks } from "./code_blocks.ts";
import { GIVEN, givenTo, isPartOfProgram, RUN_ELSEWHERE } from "./needs.ts";
import { BESIDE, blockCommand, fileOf, linkPackages, STRICT, writeBlock } from "./run_block.ts";

const BLOCKS = [...codeBlocks(), ...examples()];
const RUN = BLOCKS.filter(({ name }) => RUN_ELSEWHERE[name] === undefined);

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
  linkPackages(folder, ["lethe"]);
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
    linkPackages(project.folder, BESIDE);
  });
  afterAll(() => project.remove());

  it("compile under tsc --strict", () => {
    const checked = BLOCKS.filter(({ name }) => !isPartOfProgram(name));
    const files = checked.map(({ name, code }) => {
      const path = `types/${fileOf(name)}`;
      project.write(path, code);
      return path;
    });
    project.write("tsconfig.json", JSON.stringify({ compilerOptions: STRICT, files }));
    const tsc = resolve("node_modules/typescript/bin/tsc");
    const said = project.tryRun(["node 24", tsc, "-p", ".", "--pretty", "false"]);
    expect(said.split("\n").filter((line) => line.startsWith("types/"))).toEqual([]);
    project.delete("tsconfig.json");
  });

  const runtimes = ["node 24", "node 26", "deno", "bun"];
  describe.each(runtimes)("run on %s", (runtime) => {
    const able = RUN.filter((block) => givenTo(block).only?.includes(runtime) ?? true);
    it.each(able.map(({ name, code }) => [name, code] as const))("%s", (name, code) => {
      const folder = `run-${runtime.replace(" ", "-")}/${fileOf(name)}`;
      const input = writeBlock(join(project.folder, folder), { name, code });
      project.run(blockCommand(runtime, runtimeFile(runtime)), { folder, input });
      rmSync(join(project.folder, folder), { recursive: true });
    });
  });
});
