import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { installLethe } from "../testing/features/custodian/installed.ts";
import { INSTALLED, ROOT, RUNTIMES, SOAK } from "../testing/features/prompt/pty.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-started-"));
  const source = `import { startedProgram } from "${ROOT}system/started_program.ts";
console.log("started", startedProgram());`;
  writeFileSync(join(folder, "asks.mjs"), source);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a runtime in the planted folder: @returns what it wrote */
function run(name: string, words: readonly string[], input = ""): string {
  const [file = ""] = RUNTIMES[name] ?? [];
  const cwd = join(folder, "planted");
  mkdirSync(cwd, { recursive: true });
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { stdout, stderr } = spawnSync(file, words, { cwd, input, env, encoding: "utf8" });
  return `${stdout}${stderr}`;
}

/** Ways to start a runtime with text, to which an argument in the planted folder is given. */
function ways(name: string, text: string): readonly (readonly [readonly string[], string?])[] {
  const document = join(folder, "planted/document.mjs");
  if (name === "deno") return [[["eval", text]], [["run", "-A", "-", document], text]];
  const options = name === "bun" ? [] : ["--no-warnings", "--input-type=module"];
  return [
    [[...options, "--eval", text, document]],
    [[...options, `--eval=${text}`, document]],
    [[...options, "-", document], text],
  ];
}

describe.each(INSTALLED.filter((name) => SOAK || name === "node-24"))("%s", (name) => {
  it("started with text knows no program, whatever its arguments are", () => {
    for (const [words, input] of ways(name, `await import("${folder}/asks.mjs")`)) {
      expect([words, run(name, words, input)]).toEqual([words, "started undefined\n"]);
      if (!SOAK) break;
    }
  });

  it.skipIf(!SOAK)("started with a file knows it", () => {
    const words = name === "deno" ? ["run", "-A"] : name === "bun" ? [] : ["--no-warnings"];
    const program = join(folder, "asks.mjs");
    expect(run(name, [...words, program, "--eval"])).toBe(`started ${program}\n`);
  });
});

const PLANTED = [
  ...["js", "mjs", "cjs", "ts"].map((form) => `custodian_main.${form}`),
  ...["node", "deno", "bun"].map(
    (one) => `node_modules/lethe/dist/adapters/${one}/custodian_main.js`,
  ),
  "node_modules/lethe/package.json",
  "node_modules/koffi/index.js",
  "node_modules/sodium-native/index.js",
];

describe.skipIf(!SOAK).each(INSTALLED.filter(() => SOAK))(
  "a bundle that text on %s loads",
  (name) => {
    it("runs no program and no native module beside an argument or in the current folder", () => {
      const kind = name.startsWith("node") ? "node" : name;
      const log = join(folder, "log");
      writeFileSync(log, "");
      for (const path of PLANTED) {
        const file = join(folder, "planted", path);
        mkdirSync(dirname(file), { recursive: true });
        const code = `process.getBuiltinModule("node:fs").appendFileSync(${JSON.stringify(log)}, "ran")`;
        writeFileSync(file, path.endsWith(".json") ? "{}" : code);
      }
      const project = join(folder, `project-${name}`);
      mkdirSync(project);
      installLethe(project);
      const source = `import { openCustodian } from "lethe/custodian";
await openCustodian({ startMilliseconds: 5000 }).then(
  ({ report }) => console.log("opened", report),
  ({ code, message }) => console.log(code, message),
);`;
      writeFileSync(join(project, "source.mjs"), source);
      const bundle = join(folder, `bundle-${name}/app.mjs`);
      const external = ["sodium-native", "koffi", "bun:*"].map((one) => `--external:${one}`);
      const words = ["source.mjs", "--bundle", "--platform=node", "--format=esm", ...external];
      const esbuild = `${ROOT}node_modules/.bin/esbuild`;
      spawnSync(esbuild, [...words, `--conditions=${kind}`, `--outfile=${bundle}`], {
        cwd: project,
      });
      for (const [command, input] of ways(name, `await import("${bundle}")`)) {
        const said = run(name, command, input);
        expect(said).toMatch(
          /^ERR_LETHE_CUSTODIAN Cannot start custodian: its program is not where/,
        );
      }
      expect(readFileSync(log, "utf8")).toBe("");
      // The control: as a file in that folder, the bundle finds what lies beside it.
      cpSync(bundle, join(folder, "planted/app.mjs"));
      const file = join(folder, "planted/app.mjs");
      run(name, name === "deno" ? ["run", "-A", "--no-lock", file] : [file]);
      if (name !== "deno") expect(readFileSync(log, "utf8")).toContain("ran");
    });
  },
);
