/**
 * Builds the package into `dist`: a file for each door and program, and the rooms below them as chunks that
 * all doors share, on servers and in pages.
 *
 * The code is minified, and classes keep their names, which errors and inspection show. Types keep what a door
 * reaches, with its comments. There are no source maps: with sources they are larger than the package, and
 * without them they lead nowhere. The sources are in the repository and on JSR.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { rolldown } from "rolldown";
import { manPage } from "../cli/mod.ts";
import { chunkGroups, PROGRAMS } from "./chunks.ts";
import { doorModules } from "./doors.ts";
import { pruneTypes } from "./prune_types.ts";

const DIST = "dist";

rmSync(DIST, { recursive: true, force: true });
execFileSync("node_modules/.bin/tsc", ["-p", "tsconfig.build.json"], { stdio: "inherit" });
const types = pruneTypes(DIST, doorModules());
rmSync(DIST, { recursive: true });
for (const [path, text] of types) {
  mkdirSync(dirname(`${DIST}/${path}`), { recursive: true });
  writeFileSync(`${DIST}/${path}`, text);
}

const entries = [...doorModules(), ...PROGRAMS];
const bundle = await rolldown({
  input: Object.fromEntries(entries.map((path) => [path, `${path}.ts`])),
  platform: "neutral",
  tsconfig: false,
  preserveEntrySignatures: "allow-extension",
  treeshake: { moduleSideEffects: () => true }, // package.json speaks of dist, and not to this bundler
  external: (name) => !/^[./]/.test(name) && !name.startsWith("/"),
});
const groups = chunkGroups();
await bundle.write({
  dir: DIST,
  format: "esm",
  minify: {
    compress: true,
    mangle: { keepNames: { class: true, function: false } },
    codegen: true,
  },
  comments: { legal: false },
  entryFileNames: "[name].js",
  chunkFileNames: ({ name }) => (name.includes("/") ? `${name}.js` : `chunks/${name}.js`),
  codeSplitting: {
    includeDependenciesRecursively: false, // a room takes its own files, not those below it
    groups: groups.map(({ name, has }) => ({ name, test: (id) => has(placeOf(id)) })),
  },
});
cpSync("conformance/tracer/tracer.c", `${DIST}/conformance/tracer/tracer.c`);
const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
writeFileSync(`${DIST}/lethe.1`, await manPage(version));

/** The place of a module in the project, wherever that lies. */
function placeOf(id: string): string {
  return relative(process.cwd(), id).replaceAll("\\", "/");
}
