/**
 * What each door of the package costs in a bundle: all that it exports, minified, and compressed by gzip.
 *
 *     node tools/door_sizes.ts     writes the table of docs/bundling.md, from dist
 *
 * door_sizes.test.ts holds the table to what is built, within five in a hundred.
 */
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { requireBuilt } from "../testing/build_stamp.ts";
import { DOORS } from "./doors.ts";

const DOCUMENT = "docs/bundling.md";
const TABLE = /(<!-- table:doors -->\n)[\s\S]*?(<!-- \/table -->)/;
const HEAD = "| door | in a page | on Node.js |\n| --- | --- | --- |\n";

const PLATFORMS = ["browser", "node"] as const;
/** Doors that have all of a runtime in one, and a program: nobody imports a part of them. */
const WHOLE = /^\.\/(?:node|deno|bun|web|workerd|custodian-program)$/;

/** Bytes of the bundle of each door, by its name: in a page, and on Node.js. */
export async function measureDoors(): Promise<ReadonlyMap<string, readonly number[]>> {
  requireBuilt();
  const names = Object.keys(DOORS).filter((name) => !WHOLE.test(name));
  const sizes = await Promise.all(PLATFORMS.map((platform) => bundle(names, platform)));
  return new Map(
    names.map((name, at) => [name.replace(/^\./, "lethe"), sizes.map((each) => each[at] ?? 0)]),
  );
}

/** One run bundles all of them, each by itself. Optional packages stay outside. */
async function bundle(
  names: readonly string[],
  platform: (typeof PLATFORMS)[number],
): Promise<readonly number[]> {
  const { outputFiles } = await build({
    entryPoints: names.map((name, at) => ({
      in: `dist/${moduleFor(name, platform)}.js`,
      out: String(at),
    })),
    external: ["@noble/*", "libsodium-sumo"],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    outdir: "out",
    logLevel: "error",
    platform,
  });
  return outputFiles.map(({ contents }) => gzipSync(contents, { level: 9 }).length);
}

function moduleFor(name: string, condition: string): string {
  const door = DOORS[name] ?? "";
  return typeof door === "string" ? door : (door[condition] ?? door["default"] ?? "");
}

/** The rows of the document, in kilobytes. */
export function statedDoors(): ReadonlyMap<string, readonly number[]> {
  const [table = ""] = TABLE.exec(readFileSync(DOCUMENT, "utf8")) ?? [];
  const rows = [...table.matchAll(/^\| `([^`]+)` \| ([\d.]+) \| ([\d.]+) \|$/gm)];
  return new Map(rows.map(([, door = "", ...sizes]) => [door, sizes.map(Number)]));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const rows = [...(await measureDoors())].map(
    ([door, sizes]) =>
      `| \`${door}\` | ${sizes.map((bytes) => (bytes / 1000).toFixed(1)).join(" | ")} |\n`,
  );
  const text = readFileSync(DOCUMENT, "utf8");
  writeFileSync(DOCUMENT, text.replace(TABLE, `$1\n${HEAD}${rows.join("")}\n$2`));
}
