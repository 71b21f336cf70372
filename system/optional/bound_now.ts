import { process } from "../node_builtins.ts";

/** Of dlopen(3), on Linux and macOS. */
const RTLD_NOW = 2;

/**
 * Runs what loads a native module, so that every function that the module calls is found as it is loaded. Else the dynamic
 * loader finds each at its first call, and saves the vector registers on the stack for it: after libsodium has decrypted, those
 * hold 16 bytes of the plaintext or more, which lie there until something else takes their place.
 *
 * On Node.js, where `require` loads native modules by `process.dlopen`. A module that the application has loaded before stays
 * as it is.
 */
export function boundNow<T>(load: () => T): T {
  const { dlopen } = process;
  if (typeof dlopen !== "function") return load();
  const bound: typeof dlopen = (module, file, flags: unknown = RTLD_NOW) =>
    Reflect.apply(dlopen, process, [module, file, flags]);
  Reflect.set(process, "dlopen", bound);
  try {
    return load();
  } finally {
    Reflect.set(process, "dlopen", dlopen);
  }
}
