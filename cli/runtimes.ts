import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** A JavaScript runtime on this machine. */
export interface InstalledRuntime {
  readonly kind: "node" | "deno" | "bun";
  /** `node 24.21.0` */
  readonly title: string;
  readonly version: string;
  readonly executable: string;
}

/** Lethe's floor for each, below which a runtime is listed as too old. */
const OLDEST: Readonly<Record<InstalledRuntime["kind"], number>> = { node: 22, deno: 2, bun: 1 };

/**
 * The runtimes in `node_modules` of this package and on PATH, each version once, oldest Node first.
 */
export function findRuntimes(): readonly InstalledRuntime[] {
  const found = new Map<string, InstalledRuntime>();
  for (const [kind, executable] of candidates()) {
    const version = versionOf(executable);
    if (version === null || Number.parseInt(version, 10) < OLDEST[kind]) continue;
    const title = `${kind} ${version}`;
    if (!found.has(title)) found.set(title, { kind, title, version, executable });
  }
  return [...found.values()];
}

function candidates(): readonly (readonly [InstalledRuntime["kind"], string])[] {
  const modules = join(packageRoot(), "node_modules");
  const suffix = process.platform === "win32" ? ".exe" : "";
  const folders = [join(modules, ".bin"), ...(process.env["PATH"] ?? "").split(delimiter)];
  const nodes = ["node-22", "node-24", "node-26"].map((name) => join(modules, name, "bin", "node"));
  const kinds = ["node", "deno", "bun"] as const;
  return [
    ...nodes.map((path) => ["node", path + suffix] as const),
    ...kinds.flatMap((kind) =>
      folders.map((folder) => [kind, join(folder, kind + suffix)] as const),
    ),
  ].filter(([, path]) => existsSync(path));
}

function versionOf(executable: string): string | null {
  const { status, stdout } = spawnSync(executable, ["--version"], { encoding: "utf8" });
  return status === 0 ? (/\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? null) : null;
}

/** The nearest folder above this file that has a `package.json`. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}
