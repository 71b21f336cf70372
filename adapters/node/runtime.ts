import {
  cryptoOpener,
  HEAP_OFFER,
  type OpenCrypto,
  type OpenSecrets,
  type Runtime,
  secretsOpener,
} from "../../core/mod.ts";
import { abort } from "../posix/abort.ts";
import { posixOffers } from "../posix/mod.ts";
import { SODIUM_ENGINE_OFFER, SODIUM_OFFER } from "../sodium/mod.ts";
import { nodeFfi } from "./ffi.ts";

/**
 * What Node.js has. Sodium comes before the stronger memories while `node:ffi` is experimental:
 * loading it prints a warning, so that it has to be asked for by name or by what it alone gives.
 */
export const runtime: Runtime = {
  name: "node",
  memories: [SODIUM_OFFER, ...posixOffers(nodeFfi), HEAP_OFFER],
  engines: [SODIUM_ENGINE_OFFER],
  abort,
};

/**
 * Opens secrets in a memory of this Node.js: sodium with the optional dependency `sodium-native`; on
 * Node 26.1 and newer `secretmem` and `pages` by name, for what they alone give (`hidden`, `no-fork`),
 * or when sodium is missing; else heap.
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 *
 * const secrets = openSecrets();
 * const key = secrets.random(32);
 * key.expose((bytes) => bytes.length); // 32, and readable nowhere else
 * key.destroy();
 * ```
 */
export const openSecrets: OpenSecrets = secretsOpener(runtime);

/**
 * Opens crypto over secrets, by default with the sodium engine of the optional dependency
 * `sodium-native`, which works straight on guarded memory.
 *
 * @example
 * ```ts
 * import { openCrypto, openSecrets } from "lethe";
 *
 * const secrets = openSecrets();
 * const crypto = openCrypto(secrets);
 * const key = secrets.random(32);
 * const encrypted = crypto.encrypt(key, new TextEncoder().encode("attack at dawn"));
 * crypto.decrypt(key, encrypted).byteLength; // 14
 * ```
 */
export const openCrypto: OpenCrypto = cryptoOpener(runtime);
