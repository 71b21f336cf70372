/**
 * What a runtime gets of this environment that is started to be examined. Nothing else: an environment
 * often holds credentials, and a runtime on PATH is whatever stands there.
 */
const PASSED: readonly string[] = [
  // Wrappers of version managers find the real program by these, and some systems its libraries.
  "PATH",
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
  "NODE_OPTIONS",
  "LETHE_SOAK",
  "LANG",
  "LC_ALL",
];

export function probeEnvironment(): NodeJS.ProcessEnv {
  const passed = PASSED.map((name) => [name, process.env[name]] as const);
  return Object.fromEntries(passed.filter(([, value]) => value !== undefined));
}
