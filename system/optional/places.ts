// The namespace, because webpack looks for calls of `createRequire` by that name: it would put what is
// looked for here into the bundle.
import * as nodeModule from "node:module";
import { isAbsolute } from "node:path";
import { process } from "../node_builtins.ts";
import { ownAddress } from "../own_address.ts";
import { startedProgram } from "../started_program.ts";
import { foreignFolder } from "./foreign_folder.ts";

/**
 * The places from which a package is looked for: beside this file; where a bundler has moved this file, beside
 * the bundle and the program that was started; and beside a compiled program. Never from the current folder,
 * from which Bun resolves what a file inside a compiled program asks for.
 */
export function bases(): readonly string[] {
  const files = places().filter((place) => /^file:/.test(place) || isAbsolute(place));
  return isCompiledByBun()
    ? [...files.filter((place) => !INSIDE_BUN.test(place)), process.execPath]
    : files;
}

/** Where a file of a package is, from the first place that has it and can be trusted; or null. */
export function findPackage(name: string): string | null {
  for (const base of bases()) {
    try {
      const path = nodeModule.createRequire(base).resolve(name);
      if (foreignFolder(base, name, path) === null) return path;
    } catch {
      // not there, or not readable
    }
  }
  return null;
}

/** Whether `bun build --compile` made this program. */
export function isCompiledByBun(): boolean {
  return places().some((place) => INSIDE_BUN.test(place));
}

function places(): readonly string[] {
  const started = startedProgram();
  return [
    ownAddress(import.meta.url), // a bundle as CommonJS has none
    ownAddress(fileName()),
    // With the slash a folder, as in `node .`, is looked into as well.
    started === undefined ? undefined : `${started}/`,
  ].filter((place) => place !== undefined);
}

/** webpack says of `typeof __filename` in a module that it is a string, and then there is none. */
function fileName(): string | undefined {
  try {
    return __filename;
  } catch {
    return undefined;
  }
}

/** Where Bun shows the files of a compiled program. */
const INSIDE_BUN = /^(?:file:\/\/)?\/?(?:\/\$bunfs\/|[A-Z]:[/\\](?:~|%7E)BUN[/\\])/i;
