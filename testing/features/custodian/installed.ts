import { cpSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { ROOT } from "../prompt/pty.ts";

/**
 * Puts Lethe into `node_modules` of a project, as npm would: its own modules as JavaScript, made from the
 * source as it is now, and other packages beside it.
 */
export function installLethe(
  project: string,
  packages: readonly string[] = ["sodium-native"],
): void {
  const home = join(project, "node_modules/lethe");
  const sources = globSync("{core,system,memories,engines,features,adapters}/**/*.ts", {
    cwd: ROOT,
  }).filter((path) => !/\.test\.ts$|\.d\.ts$/.test(path));
  for (const path of sources) {
    const target = join(home, "dist", path.replace(/\.ts$/, ".js"));
    mkdirSync(dirname(target), { recursive: true });
    const code = stripTypeScriptTypes(readFileSync(join(ROOT, path), "utf8"));
    writeFileSync(target, code.replaceAll(/((?:from|import\(|import)\s*"\.[^"]*)\.ts"/g, '$1.js"'));
  }
  cpSync(join(ROOT, "package.json"), join(home, "package.json"));
  for (const name of packages) {
    symlinkSync(join(ROOT, "node_modules", name), join(project, "node_modules", name));
  }
}
