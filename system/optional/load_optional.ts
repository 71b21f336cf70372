// The namespace, because webpack looks for calls of `createRequire` by that name: it would put half of
// a module into the bundle, without the binary.
import * as nodeModule from "node:module";
import { dirname, join } from "node:path";
import { errorCode, has, optional } from "../../core/arguments/own.ts";
import { LetheError } from "../../core/contract/errors.ts";
import { findDeno } from "../deno.ts";
import { isWithoutDescriptors } from "../no_descriptors.ts";
import { fs, process } from "../node_builtins.ts";
import { refuseRedirection } from "../redirection.ts";
import { boundNow } from "./bound_now.ts";
import { foreignFolder } from "./foreign_folder.ts";
import { bases, isCompiledByBun } from "./places.ts";
import { withUntouchedPrototypes } from "./untouched.ts";

const { closeSync, openSync } = fs;

/** A native module that is an optional dependency. */
export interface OptionalModule {
  readonly name: string;
  /** Loads it by a shorter way than its main file, or gives undefined; absent where there is none. */
  readonly openShortly?: (
    require: NodeJS.Require,
    main: string,
  ) => { readonly version: string } | undefined;
  /** Why its main file would load a part of it that is not to be trusted, or null. */
  readonly foreignPart?: (main: string) => string | null;
  /** What is wrong with a module of this version (empty: not known) that was loaded by that name, or null. */
  faultOf(module: unknown, version: string): string | null;
  /** Why the module, which is installed, does not load. */
  describeFailure(error: unknown, isCompiledByBun: boolean): string;
  /** What is said where it is not found. */
  readonly notInstalled: string;
}

type Outcome = { readonly module: unknown } | { readonly reason: string };

/**
 * A function that loads an optional dependency, synchronously, and checks it before anything is trusted to
 * it. Once it was found, the same is given or said each time: some loaders hand out an empty module after
 * one that failed.
 *
 * The function throws a {@link LetheError} `ERR_LETHE_UNAVAILABLE` when the module is not installed or does
 * not load here, with the code of the cause.
 */
export function optionalLoader(wanted: OptionalModule): () => unknown {
  let outcome: Outcome | undefined;
  // Not remembered: it may be installed before it is asked for again.
  const nowhere: Outcome = { reason: wanted.notInstalled };
  return () => {
    const found = outcome ?? withUntouchedPrototypes(() => boundNow(() => load(wanted, nowhere)));
    if (has(found, "module")) outcome = found;
    else if (outcome === undefined) {
      const shortage = shortageOfDescriptors();
      if (shortage !== null)
        throw unavailable(wanted.name, wanted.describeFailure(shortage, false));
      if (found !== nowhere) outcome = found;
    }
    if (has(found, "module")) return found.module;
    throw unavailable(wanted.name, found.reason);
  };
}

function unavailable(name: string, reason: string): LetheError {
  return new LetheError("ERR_LETHE_UNAVAILABLE", `Cannot load ${name}: ${reason}`);
}

/**
 * Null unless no file can be opened here: then that is the reason, whatever a loader said. Node calls it an
 * invalid package.json, and Bun finds no module. It passes, and is not remembered.
 */
function shortageOfDescriptors(): unknown {
  // It gives the code itself, and might ask for a permission.
  if (findDeno() !== undefined) return null;
  try {
    closeSync(openSync(process.execPath, "r"));
    return null;
  } catch (error) {
    return isWithoutDescriptors(errorCode(error)) ? error : null;
  }
}

function load(optionalModule: OptionalModule, nowhere: Outcome): Outcome {
  const { name, faultOf, describeFailure } = optionalModule;
  refuseRedirection();
  let failure: unknown;
  let foreign: string | null = null;
  for (const base of bases()) {
    const require = nodeModule.createRequire(base);
    let path: string;
    try {
      path = require.resolve(name);
    } catch (error) {
      failure ??= isMissing(error) ? undefined : error;
      continue;
    }
    let obstacle = foreignFolder(base, name, path);
    try {
      const shortly =
        obstacle === null ? optional(optionalModule, "openShortly")?.(require, path) : undefined;
      if (shortly === undefined) {
        obstacle ??= optional(optionalModule, "foreignPart")?.(path) ?? null;
        if (obstacle !== null) {
          foreign = `it is not taken: ${obstacle}; install it beside Lethe or beside this program`;
          continue;
        }
      }
      const module: unknown = shortly ?? require(path);
      const fault = faultOf(module, shortly?.version ?? versionBeside(require, path));
      return fault === null ? { module } : { reason: fault };
    } catch (error) {
      return { reason: describeFailure(error, isCompiledByBun()) };
    }
  }
  if (failure === undefined && foreign !== null) return { reason: foreign };
  return failure === undefined ? nowhere : { reason: describeFailure(failure, isCompiledByBun()) };
}

function isMissing(error: unknown): boolean {
  const { code, path } = error as { readonly code?: unknown; readonly path?: unknown };
  // With a path the package is there, and its main file is not.
  return code === "MODULE_NOT_FOUND" && path === undefined;
}

function versionBeside(require: NodeJS.Require, path: string): string {
  try {
    return String(require(join(dirname(path), "package.json")).version);
  } catch {
    return ""; // what it answers decides
  }
}
