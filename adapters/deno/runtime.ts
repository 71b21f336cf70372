import { type OpenSecrets, type Runtime, secretsOpener } from "../../core/mod.ts";
import { SODIUM_ENGINE_OFFER } from "../../engines/sodium/mod.ts";
import { SERVER_HEAP_OFFER } from "../../memories/heap/server_heap.ts";
import { posixOffers } from "../../memories/pages/mod.ts";
import { SODIUM_OFFER } from "../../memories/sodium/mod.ts";
import { abort } from "../../system/abort.ts";
import { denoFfi } from "./ffi.ts";
import { checkPermissions } from "./permissions.ts";

/** What Deno has, the strongest first. */
export const runtime: Runtime = {
  name: "deno",
  memories: [
    ...posixOffers(() => {
      checkPermissions("guarded", ["ffi"]);
      return denoFfi();
    }, [
      {
        name: SODIUM_OFFER.name,
        open() {
          checkPermissions(SODIUM_OFFER.name, ["ffi", "read"]);
          return SODIUM_OFFER.open();
        },
      },
    ]),
    SERVER_HEAP_OFFER,
  ],
  engines: [
    {
      name: SODIUM_ENGINE_OFFER.name,
      open() {
        checkPermissions(SODIUM_ENGINE_OFFER.name, ["ffi", "read"]);
        return SODIUM_ENGINE_OFFER.open();
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
