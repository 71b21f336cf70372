import { HEAP_OFFER, type OpenSecrets, type Runtime, secretsOpener } from "../../core/mod.ts";
import { abort } from "../posix/abort.ts";
import { SODIUM_OFFER } from "../sodium/mod.ts";
import { checkPermissions } from "./permissions.ts";

/** What Deno has, the strongest first. */
export const runtime: Runtime = {
  name: "deno",
  memories: [
    {
      name: SODIUM_OFFER.name,
      open() {
        checkPermissions(SODIUM_OFFER.name, ["ffi", "read"]);
        return SODIUM_OFFER.open();
      },
    },
    HEAP_OFFER,
  ],
  abort,
};

/**
 * Opens secrets in the strongest memory that this Deno gives: sodium with `--allow-ffi`,
 * `--allow-read` and the optional dependency `sodium-native`, else heap. It never prompts for a
 * permission. Deno shows the kernel's tables of the process only under `--allow-all`: with less,
 * the guarantees that they would prove stay unverified.
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
