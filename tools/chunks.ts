/** How the modules of the package are put together into files. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path/posix";
import { pageModules } from "./doors.ts";

const RUNTIMES = ["node", "deno", "bun"] as const;

/** Programs that are started by their path. */
export const PROGRAMS: readonly string[] = [
  "cli/main",
  "cli/age_plugin/main",
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
  // All that a page has which takes the error alone, lends as lethe/standard says, or imports what only servers do.
  [
    "errors",
    /^(?:core\/(?:contract\/(?:errors|engine)|arguments\/.*|standard\/.*)|system\/(?:misplaced|server_here))\.ts$/,
  ],
  ["sealed_key_mark", /^core\/sealed_key_mark\.ts$/],
  ["programs", /^system\/system_program\.ts$/],
  ...["engines/sodium", "engines/libsodium", "engines/noble"].map(folder),
  ...readdirSync("features").map((feature) => folder(`features/${feature}`)),
  folder("conformance"),
  ["core", /^(?:core|system|memories)\//],
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
 * bundler drops unused statements of a chunk, but not its imports of `node:fs`. What a server loads for its
 * first secret is in few files, since each takes a look-up.
 */
export function chunkGroups(): readonly ChunkGroup[] {
  const ofPages = modulesBelow(pageModules());
  const ofDoors = RUNTIMES.map((name) => {
    const first = modulesBelow([`adapters/${name}/doors/main`]);
    return { name, has: (module: string) => first.has(module) && !/\/doors\//.test(module) };
  });
  const room = (name: string, has: (module: string) => boolean): ChunkGroup => ({ name, has });
  return [
    ...PLACED.map((path) => room(path, (module) => module === `${path}.ts`)),
    ...ROOMS.map(([name, files]) =>
      room(name, (module) => files.test(module) && ofPages.has(module)),
    ),
    room("servers", (module) =>
      ofDoors.every(({ has }) => has(module) && !module.startsWith("adapters/")),
    ),
    ...ofDoors.map(({ name, has }) =>
      room(name, (module) => module.startsWith(`adapters/${name}/`) && has(module)),
    ),
    ...ROOMS.map(([name, files]) => room(`${name}_of_servers`, (module) => files.test(module))),
  ];
}

const IMPORT = /^(?:import|export)(?! type\b)[^;"]*?"(\.{1,2}\/[^"]+)"/gm;

/** These modules, and all that they import, directly or not. */
function modulesBelow(modules: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const [, specifier = ""] of readFileSync(path, "utf8").matchAll(IMPORT)) {
      visit(join(path, "..", specifier));
    }
  };
  for (const module of modules) visit(`${module}.ts`);
  return seen;
}
