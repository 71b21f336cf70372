import { delimiter } from "node:path";
import { searchPath } from "./search_path.ts";

/**
 * What a runtime gets of this environment that is started to be examined. Nothing else: an environment
 * often holds credentials, and a runtime on PATH is whatever stands there.
 */
const PASSED: readonly string[] = [
  // Wrappers of version managers find the real program by these, and some systems its libraries.
  "HOME",
  "LD_LIBRARY_PATH",
  "VOLTA_HOME",
  "ASDF_DATA_DIR",
  "ASDF_DIR",
  "NVM_DIR",
  "SystemRoot",
  // Where files may be written.
  "TMPDIR",
  "TEMP",
  "TMP",
  "XDG_CACHE_HOME",
  "DENO_DIR",
  "NODE_COMPILE_CACHE",
  // What changes what is examined.
  "LETHE_SOAK",
  "LANG",
  "LC_ALL",
];

/**
 * The environment of a program that is examined. Its PATH has no folder that dependencies fill, because wrappers start
 * other programs by it. `NODE_OPTIONS` may name code to load: only the runtime that has it already gets it.
 */
export function probeEnvironment(executable: string): NodeJS.ProcessEnv {
  const names = executable === process.execPath ? [...PASSED, "NODE_OPTIONS"] : PASSED;
  const passed = names.map((name) => [name, process.env[name]] as const);
  return {
    ...Object.fromEntries(passed.filter(([, value]) => value !== undefined)),
    PATH: searchPath().join(delimiter),
  };
}
