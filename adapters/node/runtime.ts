import { HEAP_OFFER, type OpenSecrets, type Runtime, secretsOpener } from "../../core/mod.ts";
import { abort } from "../posix/abort.ts";
import { SODIUM_OFFER } from "../sodium/mod.ts";

/** What Node.js has, the strongest first. */
export const runtime: Runtime = {
  name: "node",
  memories: [SODIUM_OFFER, HEAP_OFFER],
  abort,
};

/**
 * Opens secrets in the strongest memory of this Node.js: sodium with the optional dependency
 * `sodium-native`, else heap.
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
