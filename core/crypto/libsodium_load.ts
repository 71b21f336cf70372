// @ts-expect-error: it has no declarations; what is used of it stands in libsodium_module.ts
import createModule from "libsodium-sumo";
import { LetheError } from "../errors.ts";
import type { LibsodiumModule } from "./libsodium_module.ts";

/**
 * A module of its own, ready, and never used.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when it does not start
 */
export async function newModule(): Promise<LibsodiumModule> {
  // It wants random numbers once, for a canary that nothing here uses.
  const module: LibsodiumModule = await createModule({
    getRandomValue: () => crypto.getRandomValues(new Uint32Array(1))[0],
  });
  if (module._sodium_init() < 0) {
    throw new LetheError(
      "ERR_LETHE_UNAVAILABLE",
      "Cannot open libsodium engine: its module does not start here",
    );
  }
  return module;
}

/** The one function of the web's `crypto` that is needed; all runtimes have it. */
declare const crypto: { getRandomValues(values: Uint32Array): Uint32Array };
