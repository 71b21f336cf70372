/**
 * Builds the package into `dist`: a file for each door and program, and the rooms below them as chunks that
 * all doors share, on servers and in pages.
 *
 * The code is minified, in lines of some two hundred characters, and classes keep their names, which errors and inspection
 * show. Types keep what a door reaches, with its comments. There are no source maps: with sources they are larger than the
 * package, and without them they lead nowhere. The sources are in the repository and on JSR.
 *
 * It is built beside `dist` and takes its place when it is whole, with a stamp of the sources that it was made
 * of: a build that fails leaves what was there, and two at once leave one of them. With `--if-stale` nothing is
 * done where `dist` is what would be built.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import process from "node:process";
import { rolldown } from "rolldown";
import { manPage } from "../cli/mod.ts";
import { faultOfBuild, STAMP, stampOutput, stampSources } from "../testing/build_stamp.ts";
import { breakLines } from "./break_lines.ts";
import { chunkGroups, PROGRAMS } from "./chunks.ts";
import { doorModules } from "./doors.ts";
import { pruneTypes } from "./prune_types.ts";

if (process.argv.includes("--if-stale") && faultOfBuild() === null) process.exit();
const sources = stampSources();
const DIST = `.dist-${process.pid}`;
process.on("exit", () => rmSync(DIST, { recursive: true, force: true }));

execFileSync("node_modules/.bin/tsc", ["-p", "tsconfig.build.json", "--outDir", DIST], {
  stdio: "inherit",
});
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
const { output } = await bundle.generate({
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
for (const file of output) {
  if (file.type !== "chunk") throw new Error(`Cannot build: ${file.fileName} is no code`);
  mkdirSync(dirname(`${DIST}/${file.fileName}`), { recursive: true });
  writeFileSync(`${DIST}/${file.fileName}`, breakLines(file.fileName, file.code));
}
cpSync("conformance/tracer/tracer.c", `${DIST}/conformance/tracer/tracer.c`);
const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
writeFileSync(`${DIST}/lethe.1`, await manPage(version));

if (stampSources() !== sources) throw new Error("Cannot build: a source changed in between");
const stamp = { sources, output: stampOutput(DIST) };
writeFileSync(`${DIST}/${STAMP}`, JSON.stringify(stamp));
takePlace();

/** Another build may do the same at this moment: then one of them is there, and whole. */
function takePlace(): void {
  const old = `${DIST}-old`;
  for (let attempt = 0; ; attempt++) {
    try {
      renameSync("dist", old);
    } catch (error) {
      if ((error as { code?: string }).code !== "ENOENT") throw error;
    }
    try {
      renameSync(DIST, "dist");
      break;
    } catch (error) {
      if (attempt === 9) throw error;
    } finally {
      rmSync(old, { recursive: true, force: true });
    }
  }
}

/** The place of a module in the project, wherever that lies. */
function placeOf(id: string): string {
  return relative(process.cwd(), id).replaceAll("\\", "/");
}
