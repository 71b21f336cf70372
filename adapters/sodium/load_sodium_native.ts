// The namespace, because webpack looks for calls of `createRequire` by that name: it would put half of
// sodium-native into the bundle, without the binary.

import * as nodeModule from "node:module";
import { dirname, isAbsolute, join } from "node:path";
import { LetheError } from "../../core/mod.ts";
import { has } from "../../core/own.ts";
import { process } from "../node_builtins.ts";
import { refuseRedirection } from "../redirection.ts";
import type { SodiumNative } from "./sodium_native.ts";
import { describeFailure, NOT_INSTALLED } from "./sodium_native_failure.ts";
import { faultOf, faultOfVersion } from "./verify_sodium_native.ts";

type Outcome = { readonly module: SodiumNative } | { readonly reason: string };

let outcome: Outcome | undefined;

/**
 * Loads the optional dependency, synchronously, and checks that it is what it says: every function that is
 * called, and the known answer to a known question. Once it was found, the same is given or said each time:
 * some loaders hand out an empty module after one that failed.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when it is not installed or does not load here, with the code
 * of the cause
 */
export function loadSodiumNative(): SodiumNative {
  const found = outcome ?? load();
  if (found !== NOWHERE) outcome = found;
  if (has(found, "module")) return found.module;
  throw new LetheError("ERR_LETHE_UNAVAILABLE", `Cannot load sodium-native: ${found.reason}`);
}

/** Not remembered: it may be installed before it is asked for again. */
const NOWHERE: Outcome = { reason: NOT_INSTALLED };

function load(): Outcome {
  refuseRedirection();
  let failure: unknown;
  for (const base of bases()) {
    const require = nodeModule.createRequire(base);
    let path: string;
    try {
      path = require.resolve("sodium-native");
    } catch (error) {
      failure ??= isMissing(error) ? undefined : error;
      continue;
    }
    try {
      const module: unknown = require(path);
      const fault = faultOfVersion(versionBeside(require, path)) ?? faultOf(module);
      return fault === null ? { module: module as SodiumNative } : { reason: fault };
    } catch (error) {
      return { reason: describeFailure(error, isCompiledByBun()) };
    }
  }
  return failure === undefined ? NOWHERE : { reason: describeFailure(failure, isCompiledByBun()) };
}

/**
 * The places from which it is looked for: beside this file; where a bundler has moved this file, beside the
 * bundle and the program that was started; and beside a compiled program. Never from the current folder,
 * from which Bun resolves what a file inside a compiled program asks for.
 */
function bases(): readonly string[] {
  const files = places().filter((place) => /^file:/.test(place) || isAbsolute(place));
  return isCompiledByBun()
    ? [...files.filter((place) => !INSIDE_BUN.test(place)), process.execPath]
    : files;
}

function places(): readonly string[] {
  return [
    import.meta.url as string | undefined, // a bundle as CommonJS has none
    typeof __filename === "string" ? __filename : undefined,
    // With the slash a folder, as in `node .`, is looked into as well.
    process.argv[1] === undefined ? undefined : `${process.argv[1]}/`,
  ].filter((place) => place !== undefined);
}

function isCompiledByBun(): boolean {
  return places().some((place) => INSIDE_BUN.test(place));
}

/** Where Bun shows the files of a compiled program. */
const INSIDE_BUN = /^(?:file:\/\/)?\/?(?:\/\$bunfs\/|[A-Z]:[/\\](?:~|%7E)BUN[/\\])/i;

function isMissing(error: unknown): boolean {
  const { code, path } = error as { readonly code?: unknown; readonly path?: unknown };
  // With a path the package is there, and its main file is not.
  return code === "MODULE_NOT_FOUND" && path === undefined;
}

function versionBeside(require: NodeJS.Require, path: string): string {
  try {
    return String(require(join(dirname(path), "package.json")).version);
  } catch {
    return ""; // not known: what it answers decides
  }
}
