import { existsSync, realpathSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { programFlaw } from "../system/system_program.ts";

/** A program that is on PATH and is not started. */
export interface LeftOut {
  readonly executable: string;
  readonly reason: string;
}

/** Programs of some names in the folders of PATH. */
export interface OnPath {
  readonly executables: readonly { readonly name: string; readonly executable: string }[];
  readonly leftOut: readonly LeftOut[];
}

/** npm puts such folders first on PATH, and every dependency of a project may fill them. */
const OF_DEPENDENCIES = /[\\/]node_modules[\\/]\.bin$/i;

/**
 * PATH without the entries that decide for somebody else which program is started: relative and empty ones,
 * which name another folder wherever one is, and each `node_modules/.bin`, also by a link that leads to one.
 */
export function searchPath(): readonly string[] {
  return entries().filter((folder) => !isOfDependencies(folder));
}

/**
 * Looks for programs on PATH: in each folder that is absolute and no `node_modules/.bin`, those that nobody but root and this
 * user can change. Windows has no owner and mode to look at: there the second is not checked.
 */
export function findOnPath(names: readonly string[]): OnPath {
  const executables: { name: string; executable: string }[] = [];
  const leftOut: LeftOut[] = [];
  const suffix = process.platform === "win32" ? ".exe" : "";
  for (const name of names) {
    for (const folder of entries()) {
      const executable = join(folder, name + suffix);
      if (!existsSync(executable)) continue;
      const reason = isOfDependencies(folder)
        ? "any dependency may put a program there"
        : flawOf(executable);
      if (reason === null) executables.push({ name, executable });
      else leftOut.push({ executable, reason });
    }
  }
  return { executables, leftOut };
}

function entries(): readonly string[] {
  return (process.env["PATH"] ?? "").split(delimiter).filter(isAbsolute);
}

function isOfDependencies(folder: string): boolean {
  return OF_DEPENDENCIES.test(resolve(folder)) || OF_DEPENDENCIES.test(realPath(folder));
}

/** The path without links; the same where it cannot be followed. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

function flawOf(executable: string): string | null {
  const user = process.geteuid?.();
  return user === undefined ? null : (programFlaw(executable, user)?.reason ?? null);
}
