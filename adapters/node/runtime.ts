import {
  type MemoryProvider,
  type OpenSecrets,
  type Runtime,
  secretsOpener,
} from "../../core/mod.ts";
import { SODIUM_ENGINE_PROVIDER } from "../../engines/sodium/mod.ts";
import { SERVER_HEAP_PROVIDER } from "../../memories/heap/server_heap.ts";
import { providePosixMemories } from "../../memories/pages/mod.ts";
import { SODIUM_PROVIDER } from "../../memories/sodium/mod.ts";
import { abort } from "../../system/abort.ts";
import { anyFfi, ffiObstacle } from "./ffi.ts";
import { koffiObstacle } from "./koffi.ts";
import { triedInChild } from "./lock_trial.ts";
import { notInSnapshot } from "./snapshot.ts";

const [secretmem, pages, sodium] = providePosixMemories(anyFfi, [SODIUM_PROVIDER]) as readonly [
  MemoryProvider,
  MemoryProvider,
  MemoryProvider,
];
const sodiumWithoutFfi = triedInChild(SODIUM_PROVIDER);

/** What Node.js has, the strongest first. */
export const runtime: Runtime = {
  name: "node",
  memories: [
    putOff(secretmem),
    putOff(pages),
    {
      ...SODIUM_PROVIDER,
      // Node's own FFI is not loaded for a look at a filter of system calls: it prints a warning.
      open: (asked) => (koffiObstacle() === null ? sodium : sodiumWithoutFfi).open(asked),
    },
    SERVER_HEAP_PROVIDER,
  ],
  engines: [SODIUM_ENGINE_PROVIDER],
  abort,
};

/**
 * Without koffi there is `node:ffi`. While that is experimental, loading it prints a warning: a library does
 * not, unless it is asked to.
 */
function putOff(provider: MemoryProvider): MemoryProvider {
  const { name } = provider;
  return {
    ...provider,
    declines() {
      const obstacle = koffiObstacle();
      if (obstacle === null || ffiObstacle() !== null) return null;
      return `Cannot open ${name} unasked: ${obstacle}; and loading node:ffi prints an experimental warning, so ask for it with memory: "${name}"`;
    },
  };
}

/**
 * Opens secrets in the strongest memory of this Node.js: with the optional dependency `koffi` secretmem or
 * pages, with `sodium-native` sodium, else heap. Without `koffi`, Node 26.1 and newer have secretmem and pages
 * as well, but loading `node:ffi` prints a warning: they are taken before sodium only if they are asked for by
 * name, or by what they alone give (`hidden`, `no-fork`). `passedOver` lists the memories that it did not take, and why.
 *
 * While Node.js builds a startup snapshot it throws `ERR_LETHE_UNAVAILABLE`: the file would hold the secrets.
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
export const openSecrets: OpenSecrets = notInSnapshot(secretsOpener(runtime));
