import { bare } from "../../core/arguments/own.ts";
import { process } from "../../system/node_builtins.ts";
import { optionalLoader } from "../../system/optional/mod.ts";
import { foreignBinary, openBinary } from "./koffi_binary.ts";
import { describeFailure, NOT_INSTALLED } from "./koffi_failure.ts";
import type { Koffi } from "./koffi_types.ts";
import { faultOf, faultOfVersion } from "./verify_koffi.ts";

/**
 * Loads the optional dependency, synchronously, and checks that it does what it says: it calls C, and shows
 * memory that C gave.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when it is not installed or does not load here, with the code
 * of the cause
 */
export const loadKoffi: () => Koffi = () => withoutStandardError(load);

const load = optionalLoader({
  name: "koffi",
  openShortly: openBinary,
  foreignPart: foreignBinary,
  faultOf: (module, version) => faultOfVersion(version) ?? faultOf(module),
  describeFailure,
  notInstalled: NOT_INSTALLED,
}) as () => Koffi;

/**
 * `koffi` reads every property of `node:util`. One of them asks `process.stderr` for its colours, and a stream
 * that Node makes of a pipe is set to O_NONBLOCK, for every process that shares the pipe.
 */
function withoutStandardError<T>(action: () => T): T {
  const found = Object.getOwnPropertyDescriptor(process, "stderr");
  if (found?.configurable !== true) return action();
  const own = bare(found);
  const none = bare({ configurable: true, enumerable: true, value: undefined });
  Object.defineProperty(process, "stderr", none);
  try {
    return action();
  } finally {
    Object.defineProperty(process, "stderr", own);
  }
}
