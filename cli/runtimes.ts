import { existsSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { packageRoot } from "./package_root.ts";
import { runProgram } from "./run_program.ts";

/** A JavaScript runtime on this machine. */
export interface InstalledRuntime {
  readonly kind: "node" | "deno" | "bun";
  /** `node 24.21.0` */
  readonly title: string;
  readonly version: string;
  readonly executable: string;
  /** How it was found: `it runs this command`, `node_modules of this package`, or `PATH`. */
  readonly found: string;
}

type Candidate = Pick<InstalledRuntime, "kind" | "executable" | "found">;

const KINDS = ["node", "deno", "bun"] as const;

/** Lethe's floor for each, below which a runtime is left out. */
const OLDEST: Readonly<Record<InstalledRuntime["kind"], number>> = { node: 22, deno: 2, bun: 1 };

/** Milliseconds that a runtime may take to say its version. */
const PATIENCE = 20_000;

/**
 * The runtime that runs this, whatever it is, and those in `node_modules` of this package and on PATH:
 * each version once, oldest Node first. What stands on PATH under the name of a runtime is started.
 */
export async function findRuntimes(): Promise<readonly InstalledRuntime[]> {
  const found = new Map<string, InstalledRuntime>();
  const add = (candidate: Candidate, version: string): void => {
    const title = `${candidate.kind} ${version}`;
    if (!found.has(title)) found.set(title, { ...candidate, title, version });
  };
  const [own, version] = thisRuntime();
  add(own, version);
  for (const candidate of candidates()) {
    const version = await versionOf(candidate.executable);
    if (version !== null && Number.parseInt(version, 10) >= OLDEST[candidate.kind]) {
      add(candidate, version);
    }
  }
  return [...found.values()].sort(byKindAndVersion);
}

function thisRuntime(): readonly [Candidate, string] {
  const { deno, bun, node = "" } = process.versions as Readonly<Record<string, string | undefined>>;
  const kind = deno !== undefined ? "deno" : bun !== undefined ? "bun" : "node";
  const own = { kind, executable: process.execPath, found: "it runs this command" } as const;
  return [own, deno ?? bun ?? node];
}

function candidates(): readonly Candidate[] {
  const modules = join(packageRoot(), "node_modules");
  const suffix = process.platform === "win32" ? ".exe" : "";
  const nodes = ["node-22", "node-24", "node-26"].map((name) => join(modules, name, "bin"));
  // An entry that is not an absolute path would name another program in each folder.
  const path = (process.env["PATH"] ?? "").split(delimiter).filter(isAbsolute);
  const among = (
    kinds: readonly InstalledRuntime["kind"][],
    folders: readonly string[],
    found: string,
  ): readonly Candidate[] =>
    kinds.flatMap((kind) =>
      folders.map((folder) => ({ kind, executable: join(folder, kind + suffix), found })),
    );
  return [
    ...among(["node"], nodes, "node_modules of this package"),
    ...among(KINDS, [join(modules, ".bin")], "node_modules of this package"),
    ...among(KINDS, path, "PATH"),
  ].filter(({ executable }) => existsSync(executable));
}

async function versionOf(executable: string): Promise<string | null> {
  const { status, stdout } = await runProgram(executable, ["--version"], PATIENCE);
  return status === 0 ? (/\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? null) : null;
}

function byKindAndVersion(one: InstalledRuntime, other: InstalledRuntime): number {
  const kinds = KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind);
  return kinds || one.version.localeCompare(other.version, "en", { numeric: true });
}
