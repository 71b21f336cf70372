import { optional } from "../../core/arguments/own.ts";
import { LetheError } from "../../core/mod.ts";
import { NO_FOLDER, type RuntimeWay } from "../../features/custodian/start/mod.ts";
import { findDeno } from "../../system/deno.ts";
import { process } from "../../system/node_builtins.ts";
import { ownAddress } from "../../system/own_address.ts";
import { isPermitted } from "../../system/permitted.ts";

/** How Deno is found, and started with the program of a custodian. */
export const denoWay: RuntimeWay = {
  title: "Deno",
  folder: "deno",
  version: process.versions["deno"] ?? "",
  least: 2,
  here: ownAddress(import.meta.url),
  compiled: () => (isStandalone() ? { kind: "compiled by deno compile", asRuntime: null } : null),
  isInside: isStandalone,
  versionIn: (text) => /^deno (\d+\.\d+\.\d+\S*)/.exec(text)?.[1] ?? null,
  mayRead: (path) => isPermitted({ name: "read", path }),
  checkFile: checkPermissions,
  command({ file, program }) {
    const cached = cachedPackage(program);
    if (cached !== null) {
      const { folder, specifier } = cached;
      return {
        file,
        parameters: [...FLAGS, "--cached-only", specifier],
        environment: { ...SILENT, DENO_DIR: folder, ...registry() },
      };
    }
    return {
      file,
      parameters: [...FLAGS, ...FROM_FILES, program],
      environment: { ...SILENT, DENO_DIR: NO_FOLDER }, // no compiled code out of a folder
    };
  },
};

/** Deno asks its makers for a newer version otherwise. */
const SILENT: Readonly<Record<string, string>> = { DENO_NO_UPDATE_CHECK: "1" };

/**
 * A program out of Deno's own cache of npm: only as a package it finds those that it depends on. The
 * cache is the one from which this module came, whatever `DENO_DIR` says; nothing is fetched, and no
 * compiled code is read. Whoever can write there can write Lethe itself.
 */
function cachedPackage(program: string): { folder: string; specifier: string } | null {
  const [, folder, name, version] = CACHED.exec(program) ?? [];
  if (folder === undefined) return null;
  return { folder, specifier: `npm:${name}@${version}/custodian-program` };
}

const CACHED =
  /^(.+)\/npm\/[^/]+\/((?:@[^/]+\/)?[^/]+)\/(\d+\.\d+\.\d+[^/]*)\/dist\/adapters\/deno\//;

/** The part of the cache is named after it. */
function registry(): Readonly<Record<string, string>> {
  const address = readVariable(REGISTRY);
  return address === undefined ? {} : { [REGISTRY]: address };
}

const REGISTRY = "NPM_CONFIG_REGISTRY";

/** Nothing where it may not be read: Deno would ask at the terminal. */
export function readVariable(name: string): string | undefined {
  return isPermitted({ name: "env", variable: name }) ? optional(process.env, name) : undefined;
}

/** Its own modules, and no other file, lie in the file system inside a compiled program. */
function isStandalone(): boolean {
  return findDeno()?.build.standalone === true;
}

/** @throws {LetheError} `ERR_LETHE_UNAVAILABLE` naming the flags that are missing */
function checkPermissions(file: string): void {
  const missing = [
    ...(isPermitted({ name: "run", command: file }) ? [] : [`--allow-run=${file}`]),
    ...(isPermitted({ name: "env", variable: COVERAGE }) ? [] : [`--allow-env=${COVERAGE}`]),
  ];
  if (missing.length === 0) return;
  throw new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    `Cannot start custodian: Deno may not start a process; it takes ${missing.join(" and ")}`,
  );
}

/** Deno's `spawn` reads it, also for a child that does not get it. */
const COVERAGE = "NODE_V8_COVERAGE";

/** Without the second, and without a configuration, Deno would prepare itself as a package manager. */
const FROM_FILES: readonly string[] = ["--no-npm", "--node-modules-dir=manual"];

/**
 * Native modules and the kernel's tables are read; nothing is written, run or reached. No file that Deno
 * would look for on the way up from the program is read, nor is anything fetched.
 */
const FLAGS: readonly string[] = [
  "run",
  "--quiet",
  "--no-prompt",
  "--no-check",
  "--no-config",
  "--no-lock",
  "--no-remote",
  "--no-code-cache",
  "--allow-ffi",
  "--allow-read",
  "--allow-sys=inspector", // to be told that there is none
];
