/**
 * Of what `dist` was built, by content: times of files say nothing after a checkout, or when a clock was set.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** What the build writes last, inside of what it built. It is not packed. */
export const STAMP = ".built";

/** Hashes of all that was read and of all that was written. */
export interface BuildStamp {
  readonly sources: string;
  readonly output: string;
}

/** Files beside the rooms that decide what is built. */
const OTHERS: readonly string[] = [
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "tsconfig.build.json",
  "tools/build.ts",
  "tools/chunks.ts",
  "tools/doors.ts",
  "tools/prune_types.ts",
];

/** Of every file that a build would read now. */
export function stampSources(root: string = ROOT): string {
  const { include } = JSON.parse(readFileSync(join(root, "tsconfig.build.json"), "utf8")) as {
    readonly include: readonly string[];
  };
  const paths = include.flatMap((room) => filesBelow(root, room));
  return stamp(root, [...OTHERS, ...paths.filter((path) => !path.endsWith(".test.ts"))]);
}

/** Of every file in a folder that was built. */
export function stampOutput(folder: string): string {
  return stamp(
    folder,
    filesBelow(folder, "").filter((path) => path !== STAMP),
  );
}

/** What stands in the folder that was built, or null: no build has ended there. */
export function readStamp(root: string = ROOT): BuildStamp | null {
  try {
    return JSON.parse(readFileSync(join(root, "dist", STAMP), "utf8")) as BuildStamp;
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (code === "ENOENT" || error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Why `dist` is not what a build of these sources gives, or null. */
export function faultOfBuild(root: string = ROOT): string | null {
  const built = readStamp(root);
  if (built === null) return "dist was not built to its end";
  if (built.sources !== stampSources(root)) return "dist was built of other sources than these";
  return built.output === stampOutput(join(root, "dist"))
    ? null
    : "dist is not as the build left it";
}

/** @throws {Error} unless `dist` is what a build of these sources gives */
export function requireBuilt(root: string = ROOT): void {
  const fault = faultOfBuild(root);
  if (fault !== null) throw new Error(`Cannot test dist: ${fault}; npm run build`);
}

function filesBelow(root: string, folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length).replaceAll("\\", "/"))
    .map((path) => path.replace(/^\//, ""));
}

function stamp(root: string, paths: readonly string[]): string {
  const whole = createHash("sha256");
  for (const path of [...paths].sort()) {
    const content = createHash("sha256").update(readFileSync(join(root, path)));
    whole.update(`${path}\0${content.digest("hex")}\n`);
  }
  return whole.digest("hex");
}
