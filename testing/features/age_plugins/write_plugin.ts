// Writes the plugin of the tests into a folder. Each behaviour is a program with another name.
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** @returns its path */
export function writePlugin(folder: string, way: string): string {
  const path = join(folder, `age-plugin-lethetest${way === "" ? "" : `-${way}`}`);
  if (existsSync(path)) return path;
  const source = readFileSync(resolve("testing/features/age_plugins/plugin.mjs"), "utf8");
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(path, `#!${resolve("node_modules/node-24/bin/node")}\n${source}`);
  chmodSync(path, 0o755);
  return path;
}
