// @ts-expect-error: it has no declarations; what is used of it stands in libsodium_module.ts
import createModule from "libsodium-sumo";
import { bare } from "../../core/arguments/own.ts";
import { LetheError } from "../../core/contract/errors.ts";
import { fillRandom } from "../../core/globals.ts";
import type { LibsodiumModule } from "./libsodium_module.ts";

/**
 * A module of its own, ready, and never used.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when it does not start
 */
export async function newModule(): Promise<LibsodiumModule> {
  // It wants random numbers once, for a canary that nothing here uses.
  const random = (): number | undefined => fillRandom(new Uint32Array(1))[0];
  let module: LibsodiumModule;
  try {
    module = await createModule(bare({ getRandomValue: random }));
  } catch {
    // Emscripten's own error lists paths. There are no secrets in the module yet.
    throw unavailable(
      "its WebAssembly is refused here: a page's policy takes 'wasm-unsafe-eval'; under node --jitless and in workerd use the engine of lethe/noble",
    );
  }
  if (module._sodium_init() < 0) throw unavailable("its module does not start here");
  return module;
}

function unavailable(reason: string): LetheError {
  return new LetheError("ERR_LETHE_UNAVAILABLE", `Cannot open libsodium engine: ${reason}`);
}
