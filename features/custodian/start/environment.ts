import { process } from "../../../system/node_builtins.ts";
import { isPermitted } from "../../../system/permitted.ts";
import { MARK_VARIABLE, type Mark } from "./mark.ts";

/** Nobody can make a folder of this name: on Linux not even root, as `/proc` takes none. */
export const NO_FOLDER = "/proc/none";

/** Variables that pass from the application to its custodian, each with its reason. */
const PASSED: Readonly<Record<string, string>> = {
  SystemRoot: "Windows opens no socket and loads no library without it",
};

/**
 * The whole environment of a custodian, made from nothing.
 *
 * Every runtime, the dynamic loader, OpenSSL and ICU have variables that make them run code or read
 * files: `NODE_OPTIONS`, `BUN_OPTIONS`, `DENO_DIR`, `LD_PRELOAD`, `OPENSSL_CONF` and some hundred
 * others. None is named here, so none passes. The home folder is one that cannot be there, as
 * runtimes read `.npmrc`, `.bunfig.toml` and modules from it, and keep compiled code in it.
 *
 * @param readVariable gives a variable of this process; undefined where reading it is not permitted
 * @param libraryPath folders in which the runtime's libraries lie, if the application names them
 */
export function custodianEnvironment(
  mark: Mark,
  own: Readonly<Record<string, string>> = {},
  readVariable: (name: string) => string | undefined = () => undefined,
  libraryPath?: string,
): Record<string, string | undefined> {
  const environment: Record<string, string | undefined> = Object.create(null);
  for (const name of Object.keys(PASSED)) {
    const value = readVariable(name);
    if (value !== undefined) environment[name] = value;
  }
  environment["HOME"] = NO_FOLDER;
  environment["NO_COLOR"] = "1"; // its last words may be quoted in an error
  environment[MARK_VARIABLE] = mark.value;
  if (process.platform === "linux" && mayBindNow()) environment["LD_BIND_NOW"] = "1";
  if (libraryPath !== undefined) environment[LIBRARY_VARIABLE] = libraryPath;
  Object.assign(environment, own);
  // Node's spawn() copies this one from process.env unless it is there, with any value.
  environment["NODE_V8_COVERAGE"] = undefined;
  return environment;
}

/**
 * Without lazy binding (ld.so(8)) the dynamic loader saves no vector registers on the stack, where they would leave pieces of
 * secrets. Deno gives a variable `LD_*` to a program only with `--allow-run` for every program.
 */
function mayBindNow(): boolean {
  return isPermitted({ name: "run" });
}

/** Where the dynamic loader looks first. */
export const LIBRARY_VARIABLE: string =
  process.platform === "darwin" ? "DYLD_LIBRARY_PATH" : "LD_LIBRARY_PATH";
