import { process } from "../node_builtins.ts";

/** Of dlopen(3), on Linux and macOS. */
const RTLD_NOW = 2;

/**
 * Loads a native module without lazy binding: all functions that it calls are resolved when it is loaded. With lazy binding the
 * dynamic loader resolves each at its first call, and saves the vector registers on the stack for that. After libsodium
 * has decrypted they hold 16 bytes of the plaintext or more, which stay there until another call overwrites them.
 *
 * This works on Node.js, where `require` loads native modules by `process.dlopen`. It changes nothing for a module that the application
 * has loaded before.
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
