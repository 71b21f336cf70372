// age-plugin-lethe as a program of its name, on each runtime.
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { atHand } from "../built.ts";
import { RUNTIMES } from "../features/prompt/pty.ts";

/** Writes a program that starts age-plugin-lethe on a runtime. @returns its folder, for PATH, and its path */
export function writeAgePlugin(
  folder: string,
  runtime: string,
): { readonly folder: string; readonly path: string } {
  const own = join(folder, `bin-${runtime}`);
  const path = join(own, "age-plugin-lethe");
  if (existsSync(path)) return { folder: own, path };
  mkdirSync(own, { mode: 0o755 });
  const words = [...(RUNTIMES[runtime] ?? []), atHand("cli/age_plugin/main.ts")];
  writeFileSync(path, `#!/bin/sh\nNODE_NO_WARNINGS=1 exec ${words.map(quoted).join(" ")} "$@"\n`);
  chmodSync(path, 0o755);
  return { folder: own, path };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** The environment in which age finds it. */
export function environmentWith(folder: string): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  return { ...inherited, NO_COLOR: "1", PATH: `${folder}:${process.env["PATH"]}` };
}
