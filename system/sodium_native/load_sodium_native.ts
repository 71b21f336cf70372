import { optionalLoader } from "../optional/mod.ts";
import type { SodiumNative } from "./sodium_native.ts";
import { describeFailure, NOT_INSTALLED } from "./sodium_native_failure.ts";
import { faultOf, faultOfVersion } from "./verify_sodium_native.ts";

/**
 * Loads the optional dependency, synchronously, and checks that it is what it says: every function that is
 * called, and the known answer to a known question.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when it is not installed or does not load here, with the code
 * of the cause
 */
export const loadSodiumNative: () => SodiumNative = optionalLoader({
  name: "sodium-native",
  faultOf: (module, version) => faultOfVersion(version) ?? faultOf(module),
  describeFailure,
  notInstalled: NOT_INSTALLED,
}) as () => SodiumNative;
