import { wrongKind, wrongType } from "../../core/arguments/argument_error.ts";
import { kindOf, markKind } from "../../core/arguments/kind_of.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { consumeRegion } from "../../core/consume_region.ts";
import type { CryptoEngine } from "../../core/contract/engine.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import type { EngineOption } from "../../core/engine_choice.ts";
import { type Engines, enginesOfSecrets } from "../../core/engines.ts";
import { freshBy } from "../../core/fresh.ts";
import { HeldSecret, regionOf } from "../../core/held_secret.ts";
import { MemorySecrets } from "../../core/memory_secrets.ts";
import { randomize } from "../../core/random.ts";
import { redact } from "../../core/redact.ts";
import { contextOf, type SecretsContext } from "../../core/secrets_context.ts";
import { lendingOf } from "../../core/standard/lender.ts";
import type { StandardSecretV1 } from "../../core/standard/standard.ts";
import type { StreamPair } from "../../core/stream_pair.ts";
import { type Enclave, SealedSecret } from "./enclave.ts";
import { EnclaveStore } from "./enclave_store.ts";
import type { Enclaves } from "./enclaves.ts";
import { purged, type StreamContext } from "./stream_chunks.ts";
import {
  checkStreamKey,
  type SealStreamOptions,
  sealing,
  type UnsealStreamOptions,
  unsealing,
} from "./streams.ts";

/** How to open {@link Enclaves}. The default of `engine` is the choice of the secrets. */
export type EnclavesOptions = EngineOption;

/**
 * Opens enclaves over secrets. Synchronous, and loads the engine at the first seal. For the same secrets it
 * gives the same enclaves again, unless an engine is named: those have their own session key.
 *
 * @throws {TypeError} unless `secrets` came from openSecrets of this copy of Lethe
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { openEnclaves } from "lethe/enclave";
 *
 * const secrets = openSecrets();
 * const enclaves = openEnclaves(secrets);
 * const enclave = enclaves.seal(secrets.random(32));
 * enclave.expose((bytes) => bytes.length); // 32
 * enclave.destroy();
 * ```
 */
export function openEnclaves(secrets: Secrets, options?: EnclavesOptions): Enclaves {
  if (!MemorySecrets.is(secrets)) {
    throw wrongKind(
      `Cannot open enclaves as secrets must come from openSecrets of this Lethe`,
      secrets,
    );
  }
  const { engine } = readOptions(options, "open enclaves", ["engine"]);
  const known = engine === undefined ? OPENED.get(secrets) : undefined;
  if (known !== undefined) return known;
  const engines = enginesOfSecrets(secrets).choosing(engine, "open enclaves");
  const made = new SecretsEnclaves(contextOf(secrets), engines);
  if (engine === undefined) OPENED.set(secrets, made);
  return made;
}

/** Session keys lie in secret memory, which is scarce: who shares secrets shares their enclaves. */
const OPENED = new WeakMap<MemorySecrets, Enclaves>();

/** {@link Enclaves} over the memory of one {@link Secrets}. */
class SecretsEnclaves implements Enclaves {
  readonly #context: SecretsContext;
  readonly #engines: Engines;
  #store: EnclaveStore | null = null;
  /** Of streams without a key: an enclave, so that rekey and purge reach it too. */
  #streamKey: Enclave | null = null;

  constructor(context: SecretsContext, engines: Engines) {
    this.#context = context;
    this.#engines = engines;
  }

  seal(secret: SecretBuffer): Enclave {
    if (!HeldSecret.is(secret) || !this.#context.made(secret)) {
      throw wrongType(
        `Cannot seal secret as it must be a SecretBuffer of the Secrets of these enclaves: current value is ${HeldSecret.is(secret) ? "one of others" : kindOf(secret)}${lendingOf(secret) === null ? "" : "; seal a copy, which secrets.adopt() makes"}`,
      );
    }
    const store = this.#openStore();
    const made: Enclave[] = [];
    try {
      consumeRegion(regionOf(secret), (bytes) => made.push(SealedSecret.of(store, bytes)));
    } catch (error) {
      for (const enclave of made) enclave.destroy();
      throw error;
    } finally {
      if (secret.state === "destroyed") secret.destroy(); // its maker is told
    }
    return made[0] as Enclave;
  }

  rekey(): Promise<void> {
    return this.#store === null ? Promise.resolve() : this.#store.rekey();
  }

  sealStream(options?: SealStreamOptions): StreamPair<Uint8Array<ArrayBuffer>> {
    const { key, chunkBytes } = readOptions(options, "seal stream", ["key", "chunkBytes"]);
    return sealing(this.#streamContext(key, "seal"), chunkBytes);
  }

  unsealStream(options?: UnsealStreamOptions): StreamPair<SecretBuffer> {
    const { key } = readOptions(options, "unseal stream", ["key"]);
    return unsealing(this.#streamContext(key, "unseal"));
  }

  #streamContext(given: StandardSecretV1 | undefined, verb: string): StreamContext {
    const { memory, checkOpen } = this.#context;
    const make: StreamContext["make"] = (byteLength, fill) => {
      checkOpen(`${verb} stream`);
      return this.#context.make(byteLength, fill);
    };
    const withGiven = checkStreamKey(given, verb, make);
    return {
      engine: this.#engine(),
      fresh: freshBy(memory),
      kind: withGiven === undefined ? "session" : "key",
      withKey: withGiven ?? this.#withStreamKey(verb),
      make,
    };
  }

  #withStreamKey(verb: string): StreamContext["withKey"] {
    const key = this.#openStreamKey();
    return (use) => {
      // The library's own key is not misuse of the program's when a purge took it.
      if (key.state === "destroyed") throw purged(verb);
      return key.expose(use);
    };
  }

  #openStreamKey(): Enclave {
    if (this.#streamKey?.state !== "sealed") {
      const { memory, make } = this.#context;
      this.#streamKey = this.seal(make(32, (bytes) => randomize(memory, bytes)));
    }
    return this.#streamKey;
  }

  #openStore(): EnclaveStore {
    this.#store ??= new EnclaveStore({ ...this.#context, engine: this.#engine() });
    return this.#store;
  }

  #engine(): CryptoEngine {
    return this.#engines.choose({ verb: "seal", operations: ["aead"] }).engine;
  }
}

markKind(SecretsEnclaves, "Enclaves");
redact(SecretsEnclaves, () => "Enclaves(redacted)");
