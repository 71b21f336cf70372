/**
 * Builds the package into `dist`.
 *
 * The compiler makes a module of each file, with its types. For servers the modules of a room then become one
 * file: an import of Lethe opens some ten files there and not a hundred, which takes a third of the time.
 * Bundlers of pages drop what is not used by whole modules, so that what they see stays as it is. What
 * neither needs is not kept.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, globSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path/posix";
import { rolldown } from "rolldown";
import { DOORS, forServers, SERVERS } from "./doors.ts";

const DIST = "dist";

rmSync(DIST, { recursive: true, force: true });
execFileSync("node_modules/.bin/tsc", ["-p", "tsconfig.build.json"], { stdio: "inherit" });
cpSync("conformance/tracer/tracer.c", `${DIST}/conformance/tracer/tracer.c`);

const RUNTIMES = ["node", "deno", "bun"] as const;

/** Programs that are started by their path. */
const PROGRAMS = [
  ...RUNTIMES.map((runtime) => `adapters/${runtime}/custodian_main`),
  "cli/main",
  "cli/doctor/probe",
  "cli/report/suite",
  "cli/report/suite_target",
  "cli/residue/holder",
  "cli/residue/plain_worker",
];

/** Modules that find others by their own place, and so keep it. */
const PLACED = [
  ...RUNTIMES.map((runtime) => `adapters/${runtime}/custodian_way`),
  "cli/package_root",
  "cli/session",
  "cli/residue/plain_approaches",
  "conformance/tracer/compile",
];

/** Entries by their place in `dist`. What the web has as well lies in `server` once more. */
function entries(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of Object.keys(DOORS)) {
    for (const [place, module] of Object.entries(forServers(name))) found[place] = `${module}.ts`;
  }
  for (const path of PROGRAMS) found[path] = `${path}.ts`;
  return found;
}

/** A file for each room; what starts alone, or finds others by its place, is none of them. */
const ROOM_OF_FILE: readonly (readonly [name: string, files: RegExp])[] = [
  ...PLACED.map((path) => [path, new RegExp(`/${path}\\.ts$`)] as const),
  ["programs", /\/system\/system_program\.ts$/],
  ["system", /\/system\//],
  ["core", /\/core\//],
  ["memories", /\/memories\//],
  ["engines", /\/engines\/sodium\//],
  ["libsodium", /\/engines\/libsodium\//],
  ["noble", /\/engines\/noble\//],
  ...["crypto", "enclave", "keys", "key_files", "prompt", "process", "custodian"].map(
    (feature) => [feature, new RegExp(`/features/${feature}/`)] as const,
  ),
];

const bundle = await rolldown({
  input: entries(),
  platform: "node",
  tsconfig: false,
  preserveEntrySignatures: "allow-extension",
  treeshake: { moduleSideEffects: () => true }, // package.json speaks of dist, and not to this bundler
  external: (name) => !/^[./]/.test(name) && !name.startsWith("/"),
});
const { output } = await bundle.write({
  dir: DIST,
  format: "esm",
  entryFileNames: "[name].js",
  chunkFileNames: ({ name }) => (name.includes("/") ? `${name}.js` : `chunks/${name}.js`),
  codeSplitting: {
    includeDependenciesRecursively: false, // a room takes its own files, not those below it
    groups: ROOM_OF_FILE.map(([name, test]) => ({ name, test })),
  },
});

const kept = new Set(output.map(({ fileName }) => fileName));
const IMPORT = /\b(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g;

/** Keeps a module and all that it imports. */
function keep(path: string, end: string): void {
  if (kept.has(path) || !existsSync(`${DIST}/${path}`)) return; // an example imports what is not there
  kept.add(path);
  for (const [, specifier = ""] of readFileSync(`${DIST}/${path}`, "utf8").matchAll(IMPORT)) {
    keep(join(path, "..", specifier.replace(/\.[jt]s$/, end)), end);
  }
}
for (const door of Object.values(DOORS)) {
  const modules = typeof door === "string" ? [door] : Object.values(door);
  for (const module of modules) if (!isOfServer(module)) keep(`${module}.js`, ".js");
  for (const module of modules) keep(`${module}.d.ts`, ".d.ts");
}

function isOfServer(module: string): boolean {
  return SERVERS.some((name) => module.startsWith(`adapters/${name}/`)) || kept.has(`${module}.js`);
}

for (const path of globSync(`${DIST}/**/*.{js,d.ts}`)) {
  const place = path.replaceAll("\\", "/").slice(DIST.length + 1);
  if (!kept.has(place)) rmSync(path);
}
