import type { CryptoEngine } from "../../../core/contract/engine.ts";
import type { Secrets } from "../../../core/contract/secrets.ts";
import { type SecretsOptions, secretsOpener } from "../../../core/open_secrets.ts";
import { type Enclaves, openEnclaves } from "../../../features/enclave/mod.ts";
import { FakeMemory } from "../../core/fake_memory.ts";

/** An engine that notes what it is called with; its results are those of the real one. */
export interface Noted extends CryptoEngine {
  /** Where each ciphertext was written: the slot itself. */
  readonly slots: Uint8Array[];
  /** Nonce and key of each call of `aeadSeal`, as text. */
  readonly nonces: string[];
  readonly keys: string[];
}

export function notedEngine(engine: CryptoEngine): Noted {
  const noted = { slots: [] as Uint8Array[], nonces: [] as string[], keys: [] as string[] };
  return {
    ...engine,
    ...noted,
    aeadSeal(sealed, message, additional, nonce, key) {
      noted.slots.push(sealed);
      noted.nonces.push(nonce.join());
      noted.keys.push(key.join());
      engine.aeadSeal(sealed, message, additional, nonce, key);
    },
  };
}

/** Its timers are those that a test may fake at the time; Lethe's own are taken when it is loaded. */
const openHere = secretsOpener({
  name: "test",
  memories: [],
  repeat(task, milliseconds) {
    const timer = setInterval(task, milliseconds);
    timer.unref?.();
    return () => clearInterval(timer);
  },
});

export interface Sealing {
  readonly memory: FakeMemory;
  readonly engine: Noted;
  readonly secrets: Secrets;
  readonly sealer: Enclaves;
}

export function openSealing(actual: CryptoEngine, options: SecretsOptions = {}): Sealing {
  const memory = new FakeMemory();
  const engine = notedEngine(actual);
  const secrets = openHere({ memory, engine, ...options });
  return { memory, engine, secrets, sealer: openEnclaves(secrets) };
}
