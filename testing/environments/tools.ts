import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { SOAK } from "../tier.ts";
import { shared } from "./shared_folder.ts";

/** What is tried with the package. They come from the registry, and the package does not depend on them. */
const VERSIONS = {
  "@babel/core": "7.29.0",
  "@github/keytar": "7.10.6",
  "@rollup/plugin-commonjs": "29.0.3",
  "@rollup/plugin-node-resolve": "16.0.3",
  "@swc-node/register": "1.12.1",
  "@swc/core": "1.16.22",
  "@types/bun": "1.4.5",
  "@types/node": "26.6.6",
  "@vercel/ncc": "0.45.0",
  "@yarnpkg/cli-dist": "4.18.1",
  "happy-dom": "21.0.4",
  "jest-environment-jsdom": "30.5.2",
  "ts-node": "10.9.2",
  "webpack-cli": "7.3.1",
  esbuild: "0.28.2",
  jest: "30.5.2",
  jsdom: "31.0.1",
  next: "16.4.6",
  nodemon: "3.1.14",
  parcel: "2.16.4",
  pnpm: "12.21.0",
  postject: "1.0.0-alpha.6",
  react: "19.3.1",
  "react-dom": "19.3.1",
  rolldown: "1.3.2",
  rollup: "4.68.8",
  tsup: "9.0.0",
  tsx: "4.23.15",
  typescript: "6.0.3",
  "typescript-5.7": "npm:typescript@5.7.3",
  "typescript-5.9": "npm:typescript@5.9.3",
  "typescript-7": "npm:typescript@7.0.2",
  vite: "8.3.8",
  vitest: "5.1.1",
  webpack: "5.113.0",
} as const;

export type Tool = keyof typeof VERSIONS;

/** A set of tools in one folder. */
export interface Tools {
  readonly names: readonly Tool[];
  /** Its `node_modules`. */
  readonly modules: string;
  /** Why it could not be installed; or null. */
  readonly missing: string | null;
}

/** Installs tools from the registry, once for a run of the soak. */
export function install(...names: readonly Tool[]): Tools {
  if (!SOAK) {
    return { names, modules: "", missing: "in the soak" };
  }
  const folder = shared(`tools-${names.join("+").replaceAll("/", "_")}`, (place) => {
    const dependencies = Object.fromEntries(names.map((name) => [name, VERSIONS[name]]));
    writeFileSync(join(place, "package.json"), JSON.stringify({ private: true, dependencies }));
    const parameters = ["install", "--no-audit", "--no-fund", "--no-package-lock", "--silent"];
    const { status, stderr } = spawnSync("npm", parameters, { cwd: place, encoding: "utf8" });
    if (status === 0) return;
    const [line = ""] = stderr.trim().split("\n");
    writeFileSync(join(place, MISSING), `npm does not install it: ${line.slice(0, 160)}`);
  });
  const note = join(folder, MISSING);
  const missing = existsSync(note) ? readFileSync(note, "utf8") : null;
  return { names, modules: join(folder, "node_modules"), missing };
}

const MISSING = "missing.txt";

/** For a title: why its tests do not run, or nothing. */
export function why({ missing }: Tools): string {
  return missing === null ? "" : ` (not run: ${missing})`;
}

/** The runtimes of this repository. */
const RUNTIMES: Readonly<Record<string, string>> = {
  "node 22": join(process.cwd(), "node_modules/node-22/bin/node"),
  "node 24": join(process.cwd(), "node_modules/node-24/bin/node"),
  "node 26": join(process.cwd(), "node_modules/node-26/bin/node"),
  deno: join(process.cwd(), "node_modules/deno/deno"),
  bun: join(process.cwd(), "node_modules/bun/bin/bun.exe"),
};

export const NODES: readonly string[] = ["node 22", "node 24", "node 26"];

/** The file of a runtime of this repository. */
export function runtimeFile(name: string): string {
  return RUNTIMES[name] ?? "";
}

/** The folder of a runtime, to come first on PATH: programs of tools begin with `#!/usr/bin/env node`. */
export function folderOf(runtime: string): string {
  return dirname(RUNTIMES[runtime] ?? "");
}

/** The file of a program: one of the tools, a runtime of this repository, or what is on PATH. */
export function commandOf(name: string, tools?: Tools): string {
  const own = tools === undefined ? "" : join(tools.modules, ".bin", name);
  return RUNTIMES[name] ?? (own !== "" && existsSync(own) ? own : name);
}
