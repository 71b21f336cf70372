/** How the modules of the package are put together into files. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path/posix";
import { pageModules } from "./doors.ts";

const RUNTIMES = ["node", "deno", "bun"] as const;

/** Programs that are started by their path. */
export const PROGRAMS: readonly string[] = [
  "cli/main",
  "cli/doctor/probe",
  "cli/report/suite",
  "cli/report/suite_target",
  "cli/residue/holder",
  "cli/residue/plain_worker",
];

/** Modules that find others by their own place, and so keep it. */
const PLACED: readonly string[] = [
  ...RUNTIMES.map((runtime) => `adapters/${runtime}/custodian_way`),
  "cli/package_root",
  "cli/session",
  "cli/residue/plain_approaches",
  "conformance/tracer/compile",
];

/** A chunk for each; the first that fits is taken. */
const ROOMS: readonly (readonly [name: string, files: RegExp])[] = [
  // A page that imports the error alone has no other.
  ["errors", /^core\/(?:contract\/errors|arguments\/.*)\.ts$/],
  ["programs", /^system\/system_program\.ts$/],
  ...["system", "core", "memories", "engines/sodium", "engines/libsodium", "engines/noble"].map(
    folder,
  ),
  ...readdirSync("features").map((feature) => folder(`features/${feature}`)),
  folder("conformance"),
];

function folder(path: string): readonly [string, RegExp] {
  return [path.replace(/^.*\//, ""), new RegExp(`^${path}/`)];
}

/** A chunk, and which modules it takes. */
export interface ChunkGroup {
  readonly name: string;
  has(path: string): boolean;
}

/**
 * The chunks of the package, the first that has a module taking it. A room that pages have in part is two: a
 * bundler drops unused statements of a chunk, but not its imports of `node:fs`.
 */
export function chunkGroups(): readonly ChunkGroup[] {
  const ofPages = modulesOfPages();
  return [
    ...PLACED.map((path) => ({ name: path, has: (module: string) => module === `${path}.ts` })),
    ...ROOMS.map(([name, files]) => ({
      name,
      has: (module: string) => files.test(module) && ofPages.has(module),
    })),
    ...ROOMS.map(([name, files]) => ({
      name: `${name}_of_servers`,
      has: (module: string) => files.test(module),
    })),
  ];
}

const IMPORT = /^(?:import|export)(?! type\b)[^;"]*?"(\.{1,2}\/[^"]+)"/gm;

/** Modules that a door of pages imports, directly or not. */
function modulesOfPages(): ReadonlySet<string> {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const [, specifier = ""] of readFileSync(path, "utf8").matchAll(IMPORT)) {
      visit(join(path, "..", specifier));
    }
  };
  for (const module of pageModules()) visit(`${module}.ts`);
  return seen;
}
