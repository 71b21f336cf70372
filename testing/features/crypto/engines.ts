import type { CryptoEngine } from "../../../core/contract/engine.ts";
import { openLibsodiumEngine } from "../../../engines/libsodium/libsodium_engine.ts";
import { nobleEngine } from "../../../engines/noble/noble_engine.ts";
import { openSodiumEngine } from "../../../engines/sodium/mod.ts";

/** Every engine of the project, the native one first. */
export async function openEngines(): Promise<readonly CryptoEngine[]> {
  return [openSodiumEngine(), await openLibsodiumEngine(), nobleEngine()];
}
