import { resolve } from "node:path";
import { UsageError } from "./command_line/usage_error.ts";
import { runProgram } from "./run_program.ts";
import { findOnPath, type LeftOut, realPath } from "./search_path.ts";

/** A JavaScript runtime on this machine. */
export interface InstalledRuntime {
  readonly kind: "node" | "deno" | "bun";
  /** `node 24.21.0` */
  readonly title: string;
  readonly version: string;
  readonly executable: string;
  /** How it was found: `it runs this command`, `--runtime`, or `PATH`. */
  readonly found: string;
}

/** The runtimes that are examined, and the programs that were not started to ask whether they are one. */
export interface FoundRuntimes {
  readonly runtimes: readonly InstalledRuntime[];
  readonly leftOut: readonly LeftOut[];
}

const KINDS = ["node", "deno", "bun"] as const;

type Kind = (typeof KINDS)[number];

/** What each writes to `--version`. */
const VERSIONS: Readonly<Record<Kind, RegExp>> = {
  node: /^v(\d+\.\d+\.\d+)/,
  deno: /^deno (\d+\.\d+\.\d+)/,
  bun: /^(\d+\.\d+\.\d+)/,
};

/** Lethe's floor for each, below which a runtime is left out. */
const OLDEST: Readonly<Record<Kind, number>> = { node: 22, deno: 2, bun: 1 };

/** Milliseconds that a runtime may take to say its version. */
const PATIENCE = 20_000;

/**
 * The runtime that runs this, those whose files are named, and those on PATH as {@link findOnPath} has them:
 * each version once, oldest Node first. All of them but the first are started to be asked for their version.
 *
 * No folder of packages is searched: what a dependency installed is examined where somebody names it.
 *
 * @param named the values of `--runtime`
 * @throws {UsageError} when one of those is no runtime that Lethe supports
 */
export async function findRuntimes(named: readonly string[]): Promise<FoundRuntimes> {
  const found = new Map<string, InstalledRuntime>();
  const add = (kind: Kind, version: string, executable: string, how: string): void => {
    const title = `${kind} ${version}`;
    if (!found.has(title)) found.set(title, { kind, title, version, executable, found: how });
  };
  const [kind, version] = thisRuntime();
  add(kind, version, process.execPath, "it runs this command");
  for (const [at, name] of named.entries()) {
    const executable = resolve(name);
    const known = await identify(executable);
    if (known === null) {
      throw new UsageError(
        `the file of --runtime ${at + 1} is not Node.js ${OLDEST.node}, Deno ${OLDEST.deno} or Bun ${OLDEST.bun}, or newer`,
      );
    }
    add(known.kind, known.version, executable, "--runtime");
  }
  const { executables, leftOut } = findOnPath(KINDS);
  for (const { name, executable } of executables) {
    const known = await identify(executable);
    if (known?.kind === name) add(known.kind, known.version, executable, "PATH");
  }
  const runtimes = [...found.values()].sort(byKindAndVersion);
  const taken = new Set(runtimes.map(({ executable }) => realPath(executable)));
  return {
    runtimes,
    leftOut: leftOut.filter(({ executable }) => !taken.has(realPath(executable))),
  };
}

function thisRuntime(): readonly [Kind, string] {
  const { deno, bun, node = "" } = process.versions as Readonly<Record<string, string | undefined>>;
  if (deno !== undefined) return ["deno", deno];
  return bun !== undefined ? ["bun", bun] : ["node", node];
}

/** @returns null for what is no runtime, or an older one than Lethe runs on */
async function identify(
  executable: string,
): Promise<{ readonly kind: Kind; readonly version: string } | null> {
  const { status, stdout } = await runProgram(executable, ["--version"], PATIENCE);
  if (status !== 0) return null;
  for (const kind of KINDS) {
    const version = VERSIONS[kind].exec(stdout)?.[1];
    if (version !== undefined && Number.parseInt(version, 10) >= OLDEST[kind]) {
      return { kind, version };
    }
  }
  return null;
}

function byKindAndVersion(one: InstalledRuntime, other: InstalledRuntime): number {
  const kinds = KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind);
  return kinds || one.version.localeCompare(other.version, "en", { numeric: true });
}
