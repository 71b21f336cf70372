import { isAbsolute } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { callSites } from "./node_builtins.ts";

/**
 * The address or path of a module, if it runs from there; else undefined.
 *
 * Some bundlers write the place that a module had where the bundle was made into the bundle, for `import.meta.url`
 * and `__filename`. On the machine that runs the bundle that place can belong to another user. So a module takes
 * nothing from beside itself, no native module and no program, before the runtime has confirmed where it is. The
 * stack of the caller does that: it has the files from which the code was loaded.
 *
 * @param claimed `import.meta.url` or `__filename` of the module that calls; undefined in a bundle that has none
 */
export function ownAddress(claimed: string | undefined): string | undefined {
  if (claimed === undefined) return undefined;
  const names = namesOf(claimed);
  if (names.length === 0) return claimed; // no file: nothing is beside it
  return runningFiles().some((file) => names.includes(file)) ? claimed : undefined;
}

/** V8 names a module by its address, and what was required by its path. */
function namesOf(claimed: string): readonly string[] {
  if (isAbsolute(claimed)) return [claimed, pathToFileURL(claimed).href];
  return claimed.startsWith("file:") ? [claimed, fileURLToPath(claimed)] : [];
}

/** How many frames are looked through: the caller's is the second, and a minifier may have moved it. */
const FRAMES = 8;

/** The files of the functions that run, the innermost first. A source map does not change them. */
function runningFiles(): readonly string[] {
  if (callSites !== undefined) {
    return callSites(FRAMES, { sourceMap: false }).map(({ scriptName }) => scriptName);
  }
  // Node before 22.12. A program may have replaced how stacks are written: then nothing is found here.
  const lines = String(new Error("where").stack).split("\n").slice(1, FRAMES);
  return lines.map((line) =>
    line.replace(/^.*?\(?((?:file:|\/|[A-Z]:\\).*?)(?::\d+){1,2}\)?$/, "$1"),
  );
}
