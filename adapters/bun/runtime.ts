import { type OpenSecrets, type Runtime, secretsOpener } from "../../core/mod.ts";
import { SODIUM_ENGINE_PROVIDER } from "../../engines/sodium/mod.ts";
import { SERVER_HEAP_PROVIDER } from "../../memories/heap/server_heap.ts";
import { providePosixMemories } from "../../memories/pages/mod.ts";
import { SODIUM_PROVIDER } from "../../memories/sodium/mod.ts";
import { abort } from "../../system/abort.ts";
import { bunFfi } from "./ffi.ts";

/** What Bun has, the strongest first. */
export const runtime: Runtime = {
  name: "bun",
  memories: [...providePosixMemories(bunFfi, [SODIUM_PROVIDER]), SERVER_HEAP_PROVIDER],
  engines: [SODIUM_ENGINE_PROVIDER],
  abort,
};

/**
 * Opens secrets in the strongest memory of this Bun: pages of memfd_secret(2) on Linux 5.14 and
 * newer, else locked pages, sodium with the optional dependency `sodium-native`, or heap.
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
