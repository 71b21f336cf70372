import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { errorCode, optional } from "../../../core/arguments/own.ts";
import { process } from "../../../system/node_builtins.ts";
import { findPackage } from "../../../system/optional/mod.ts";
import { startedProgram } from "../../../system/started_program.ts";
import { identify } from "./identify.ts";
import type { Place, RuntimeWay } from "./runtime_way.ts";
import { notStarted } from "./start_error.ts";

/** What the application may say about it, instead. */
export interface NamedPlace {
  readonly runtime: string | undefined;
  readonly program: string | undefined;
  readonly libraryPath: string | undefined;
}

/**
 * Finds the runtime and the program, before anything is started: what is started without them would be
 * the application once more.
 *
 * @throws {LetheError} `ERR_LETHE_CUSTODIAN` with what is missing, and how to name it
 */
export async function locate(way: RuntimeWay, named: NamedPlace): Promise<Place> {
  const compiled = way.compiled();
  if (compiled?.asRuntime === null && named.runtime === undefined) {
    throw notStarted(
      `this program is ${compiled.kind}, and would start itself; name an installed ${way.title} with the option runtime, and the custodian's program with the option program (docs/custodian.md, "Compiled programs and bundles")`,
    );
  }
  const program = programOf(way, named.program);
  const file = named.runtime ?? process.execPath.replace(/ \(deleted\)$/, "");
  optional(way, "checkFile")?.call(way, file);
  const isOwn = named.runtime === undefined && isRunning(way, file);
  const version = isOwn ? way.version : await identify(way, file, named.libraryPath);
  const environment = (named.runtime === undefined && compiled?.asRuntime) || {};
  return { file, program, version, environment };
}

function programOf(way: RuntimeWay, named: string | undefined): string {
  if (named !== undefined) {
    const problem = problemWith(way, named);
    if (problem === null) return named;
    throw notStarted(`there is no program ${named} (${problem}), which the option program names`);
  }
  const { here = "" } = way;
  const paths = here.startsWith("file:") ? besideModule(here) : [];
  const isThere = (path: string): boolean => !way.isInside(path) && problemWith(way, path) === null;
  const found = paths.find(isThere) ?? besideProgram(way).find(isThere) ?? inPackage(way);
  if (found !== null) return found;
  const [first] = paths;
  if (first === undefined) {
    throw notStarted(
      `its program is not known to be a file (${here === "" ? "a bundler left no true address of this module" : here}), is not beside the program that was started, and no installed Lethe has it; ${REMEDY}`,
    );
  }
  const problem = way.isInside(first) ? "inside a compiled program" : problemWith(way, first);
  throw notStarted(`its program is not where it was looked for: ${first} (${problem}); ${REMEDY}`);
}

const REMEDY =
  'build lethe/custodian-program as a file beside this one, or name it with the option program (docs/custodian.md, "Compiled programs and bundles")';

function besideModule(here: string): readonly string[] {
  return namesFor(here).map((name) => fileURLToPath(new URL(name, here)));
}

/** Some bundlers leave no address of this module, or the one that it had where the bundle was made. */
function besideProgram(way: RuntimeWay): readonly string[] {
  const started = startedProgram();
  if (started === undefined) return [];
  const paths = namesFor(started).map((name) => join(dirname(started), name));
  return paths.filter((path) => way.mayRead(path));
}

/** A bundle can run where Lethe is installed as well, as it does where it was made. */
function inPackage(way: RuntimeWay): string | null {
  if (!way.mayRead("/")) return null; // the search goes through many folders
  const description = findPackage("lethe/package.json");
  if (description === null) return null;
  const path = join(dirname(description), "dist/adapters", way.folder, "custodian_main.js");
  return problemWith(way, path) === null ? path : null;
}

/** In the form in which the file beside it is, first. */
function namesFor(file: string): readonly string[] {
  const [, form = "js"] = /\.([cm]?js|ts)$/.exec(file) ?? [];
  const forms = form === "ts" ? [form] : new Set([form, "js", "mjs", "cjs"]);
  return [...forms].map((each) => `custodian_main.${each}`);
}

/** @returns why there is no file to run; null where there is one, or where that may not be looked at */
function problemWith(way: RuntimeWay, path: string): string | null {
  if (!way.mayRead(path)) return null;
  try {
    return statSync(path).isFile() ? null : "no file";
  } catch (error) {
    const code = errorCode(error);
    return code !== undefined && ABSENT.has(code) ? code : null; // what is started says it
  }
}

/** Node.js itself has ERR_ACCESS_DENIED under its permission model, which says nothing of the file. */
const ABSENT: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG"]);

/**
 * Whether `file` is still what this process runs: an upgrade puts another one in its place.
 *
 * @throws {LetheError} `ERR_LETHE_CUSTODIAN` when it is gone
 */
function isRunning(way: RuntimeWay, file: string): boolean {
  const problem = problemWith(way, file);
  if (problem !== null) {
    throw notStarted(
      `${file}, which runs this program, is gone (${problem}); start the program again, or name another ${way.title} with the option runtime`,
    );
  }
  const image = "/proc/self/exe";
  if (process.platform !== "linux" || !way.mayRead(image) || !way.mayRead(file)) return true;
  try {
    const [running, there] = [statSync(image), statSync(file)];
    return running.dev === there.dev && running.ino === there.ino;
  } catch {
    return true; // without /proc it cannot be compared
  }
}
