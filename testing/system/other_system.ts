/** Runtimes for other systems than this machine, from the registry. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../features/prompt/pty.ts";

/** A system that this machine can be. */
export interface OtherSystem {
  /** Put before a command, it runs there, and so does what it starts. */
  readonly around: readonly string[];
  readonly runtimes: Readonly<Record<string, readonly string[]>>;
}

const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Readonly<
  Record<string, Readonly<Record<string, string>>>
>;

/** The version of a package that this repository installs. */
export function versionOf(name: string): string {
  const range = manifest["devDependencies"]?.[name] ?? manifest["optionalDependencies"]?.[name];
  return /[^@]*$/.exec(range ?? "")?.[0] ?? "";
}

/**
 * Installs packages that say they are for another system.
 *
 * @param folder an empty one
 * @throws {Error} with what npm said
 */
export function installForced(
  folder: string,
  dependencies: Readonly<Record<string, string>>,
): void {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies }));
  const parameters = ["install", "--force", "--ignore-scripts", "--no-audit", "--no-fund"];
  const { status, stderr } = spawnSync(
    "npm",
    [...parameters, "--no-package-lock", "--loglevel=error"],
    { cwd: folder, encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`npm install: ${stderr}`);
}
