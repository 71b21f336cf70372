import { openSodiumEngine } from "../../../adapters/sodium/mod.ts";
import type { CryptoEngine } from "../engine.ts";
import { openLibsodiumEngine } from "../libsodium_engine.ts";
import { nobleEngine } from "../noble_engine.ts";

/** Every engine of the project, the native one first. */
export async function openEngines(): Promise<readonly CryptoEngine[]> {
  return [openSodiumEngine(), await openLibsodiumEngine(), nobleEngine()];
}
