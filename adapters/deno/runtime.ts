import { type OpenSecrets, type Runtime, secretsOpener } from "../../core/mod.ts";
import { SODIUM_ENGINE_PROVIDER } from "../../engines/sodium/mod.ts";
import { SERVER_HEAP_PROVIDER } from "../../memories/heap/server_heap.ts";
import { providePosixMemories } from "../../memories/pages/mod.ts";
import { SODIUM_PROVIDER } from "../../memories/sodium/mod.ts";
import { abort } from "../../system/abort.ts";
import { denoFfi } from "./ffi.ts";
import { checkPermissions } from "./permissions.ts";

/** What Deno has, the strongest first. */
export const runtime: Runtime = {
  name: "deno",
  memories: [
    ...providePosixMemories(() => {
      checkPermissions("guarded", ["ffi"]);
      return denoFfi();
    }, [
      {
        name: SODIUM_PROVIDER.name,
        open() {
          checkPermissions(SODIUM_PROVIDER.name, ["ffi", "read"]);
          return SODIUM_PROVIDER.open();
        },
      },
    ]),
    SERVER_HEAP_PROVIDER,
  ],
  engines: [
    {
      name: SODIUM_ENGINE_PROVIDER.name,
      open() {
        checkPermissions(SODIUM_ENGINE_PROVIDER.name, ["ffi", "read"]);
        return SODIUM_ENGINE_PROVIDER.open();
      },
    },
  ],
  abort,
};

/**
 * Opens secrets in the strongest memory that this Deno gives. With `--allow-ffi`: pages of
 * memfd_secret(2) on Linux 5.14 and newer, else locked pages; with `--allow-read` as well, sodium
 * with the optional dependency `sodium-native`; without either, heap. It never prompts for a
 * permission; what was passed over, and the flag that it takes, is in `passedOver`.
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
