/**
 * The libsodium engine: WebAssembly, where there is no sodium-native. Needs the optional dependency
 * `libsodium-sumo`.
 *
 * @module
 */
import type { CryptoEngine } from "../../core/contract/engine.ts";
import { libsodiumEngine } from "./libsodium_calls.ts";
import { newModule } from "./libsodium_load.ts";

export type { CryptoEngine, Operation } from "../../core/contract/engine.ts";

/**
 * libsodium in WebAssembly, through its raw exports, in an instance that is Lethe's own: what the
 * program does with libsodium itself is apart from it.
 *
 * Arguments are copied into the module's memory, results out of it, and after each call the whole of
 * that memory is what it was when the module was new; a test compares it, byte for byte. During a
 * call, secrets lie in ordinary memory, which is not locked and may be dumped.
 *
 * Only loading is asynchronous. It does not run in workerd, which refuses to compile WebAssembly.
 *
 * @throws {Error} as `import("libsodium-sumo")`: where it is not installed, or WebAssembly is refused
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { openCrypto } from "lethe/crypto";
 * import { openLibsodiumEngine } from "lethe/libsodium";
 *
 * const crypto = openCrypto(openSecrets(), { engine: await openLibsodiumEngine() });
 * ```
 */
export async function openLibsodiumEngine(): Promise<CryptoEngine> {
  return libsodiumEngine(await newModule());
}
