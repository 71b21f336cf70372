import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { expect } from "vitest";
import { ROOT } from "../../features/prompt/pty.ts";
import { SOAK } from "../../tier.ts";
import { documentedLines } from "../documented.ts";
import { lethe, type Outcome, outcomeOf, plainEnvironment } from "../lethe.ts";

/** The lines of the document that hand a secret to a program by its descriptor, by that program. */
const DOCUMENT = readFileSync(join(ROOT, "docs/command_line.md"), "utf8");
export const LINES: ReadonlyMap<string, string> = new Map(
  documentedLines(DOCUMENT)
    .filter((line) => line.includes("fd"))
    .map((line) => {
      const program = / -- (\S+)/.exec(line)?.[1] ?? "";
      return [`${program}${line.includes("--template") ? " by a template" : ""}`, line];
    }),
);

/** Makes a folder fit for the documented lines: `lethe` is one of its programs. */
export function prepareFolder(folder: string): void {
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "bin"));
  const words = lethe("node-24").map((word) => `'${word}'`);
  writeFileSync(join(folder, "bin/lethe"), `#!/bin/sh\nexec ${words.join(" ")} "$@"\n`);
  chmodSync(join(folder, "bin/lethe"), 0o755);
}

/** Of a prepared folder. */
export function environmentOf(folder: string): NodeJS.ProcessEnv {
  return plainEnvironment({
    ...{ PATH: `${join(folder, "bin")}:${process.env["PATH"]}`, no_proxy: "*" },
    GNUPGHOME: join(folder, "gnupg"),
  });
}

/** The documented line of a program, with other words in the place of some. */
export function lineOf(program: string, changes: readonly (readonly [string, string])[]): string {
  let line = LINES.get(program) ?? "";
  for (const [text, other] of changes) {
    expect(line).toContain(text);
    line = line.replace(text, other);
  }
  return line;
}

/** Runs the documented line of a program in a prepared folder, with other words in the place of some, and with more. */
export function runDocumented(
  folder: string,
  program: string,
  changes: readonly (readonly [string, string])[],
  more: string,
): Outcome {
  const command = ["bash", "-c", `${lineOf(program, changes)} ${more}`];
  return outcomeOf(command, { cwd: folder, env: environmentOf(folder), input: "" });
}

/** Without them the test cannot run, and its title says so. */
export function needs(...programs: readonly string[]): readonly [skip: boolean, why: string] {
  const missing = programs.filter(
    (name) => spawnSync("sh", ["-c", 'command -v "$0"', name]).status !== 0,
  );
  const why = missing.length === 0 ? "" : `NOT RUN, ${missing.join(" and ")} not installed: `;
  return [missing.length > 0 || !SOAK || process.platform !== "linux", why];
}
