import process from "node:process";
import { fileURLToPath } from "node:url";
import { type BuildStamp, readStamp } from "./build_stamp.ts";

const ROOT = new URL("../", import.meta.url);

/**
 * The path of a module of the package, for programs that tests start: where `npm test` has just built it, the
 * built one, which loads in a quarter of the time (Node 22: in a tenth); else the source.
 *
 * @param module its path in the project, such as `cli/main.ts`
 * @throws {Error} where `dist` is not what the tests began with
 */
export function atHand(module: string): string {
  const path = isBuilt() ? `dist/${module.replace(/\.ts$/, ".js")}` : module;
  return fileURLToPath(new URL(path, ROOT));
}

/** True where the tests run the build whose sources have the stamp that the variable names. */
function isBuilt(): boolean {
  let wanted: string | undefined;
  let built: BuildStamp | null;
  try {
    wanted = process.env["LETHE_BUILT"];
    if (wanted === undefined) return false;
    built = readStamp();
  } catch {
    return false; // this program may read no variable, or not that file
  }
  if (built?.sources === wanted) return true;
  throw new Error(
    "Cannot test dist: it is not the build that these tests began with; start them by npm test",
  );
}
