import { wrongType } from "../../core/arguments/argument_error.ts";
import { kindOf } from "../../core/arguments/kind_of.ts";
import { readOptions } from "../../core/arguments/options.ts";
import type { CryptoEngine } from "../../core/contract/engine.ts";
import type { Region, SecretMemory } from "../../core/contract/memory.ts";
import { HeldSecret, holdingOf, type SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { Repeat } from "../../core/globals.ts";
import { freshBy, randomize } from "../../core/random.ts";
import type { Registry } from "../../core/registry.ts";
import { type Enclave, SealedSecret } from "./enclave.ts";
import { purged, type StreamGround } from "./stream_chunks.ts";
import type { StreamPair } from "./stream_pair.ts";
import {
  checkStreamKey,
  type OpenStreamOptions,
  opening,
  type SealStreamOptions,
  sealing,
} from "./streams.ts";
import { Vault } from "./vault.ts";

/** What sealing needs of the {@link Secrets} that it belongs to. */
export interface SealerGround {
  readonly memory: SecretMemory;
  readonly registry: Registry;
  /** Chosen and loaded when it is first asked for. */
  readonly engine: () => CryptoEngine;
  readonly repeat: Repeat;
  /** Whether a secret is one of these Secrets. */
  made(secret: HeldSecret): boolean;
  /** A region that has all that the secrets require. */
  allocate(byteLength: number): Region;
  make(byteLength: number, fill: (bytes: Uint8Array<ArrayBuffer>) => void): SecretBuffer;
}

/** All that {@link Secrets} do about enclaves and sealed streams. */
export class Sealer {
  readonly #ground: SealerGround;
  #vault: Vault | null = null;
  /** Of streams without a key: an enclave, so that rekey and purge reach it too. */
  #streamKey: Enclave | null = null;

  constructor(ground: SealerGround) {
    this.#ground = ground;
  }

  seal(secret: SecretBuffer): Enclave {
    if (!HeldSecret.is(secret) || !this.#ground.made(secret)) {
      throw wrongType(
        `Cannot seal secret as it must be a SecretBuffer of these Secrets: current value is ${HeldSecret.is(secret) ? "one of others" : kindOf(secret)}`,
      );
    }
    const vault = this.#openVault();
    const made: Enclave[] = [];
    try {
      holdingOf(secret).consume((bytes) => made.push(SealedSecret.of(vault, bytes)));
    } catch (error) {
      for (const enclave of made) enclave.destroy();
      throw error;
    } finally {
      if (secret.state === "destroyed") secret.destroy(); // its maker is told
    }
    return made[0] as Enclave;
  }

  rekey(): Promise<void> {
    return this.#vault === null ? Promise.resolve() : this.#vault.rekey();
  }

  sealStream(options?: SealStreamOptions): StreamPair<Uint8Array<ArrayBuffer>> {
    const { key, chunkBytes } = readOptions(options, "seal stream", ["key", "chunkBytes"]);
    return sealing(this.#streamGround(key, "seal"), chunkBytes);
  }

  openStream(options?: OpenStreamOptions): StreamPair<SecretBuffer> {
    const { key } = readOptions(options, "open stream", ["key"]);
    return opening(this.#streamGround(key, "open"));
  }

  #streamGround(given: SecretBuffer | undefined, verb: string): StreamGround {
    const key = checkStreamKey(given, verb) ?? this.#openStreamKey();
    const { engine, make, memory } = this.#ground;
    return {
      engine: engine(),
      fresh: freshBy(memory),
      kind: given === undefined ? "session" : "key",
      withKey: (use) => {
        // The library's own key is no misuse of the program's when a purge took it.
        if (given === undefined && key.state === "destroyed") throw purged(verb);
        return key.expose(use);
      },
      make,
    };
  }

  #openStreamKey(): Enclave {
    if (this.#streamKey?.state !== "sealed") {
      const { memory, make } = this.#ground;
      this.#streamKey = this.seal(make(32, (bytes) => randomize(memory, bytes)));
    }
    return this.#streamKey;
  }

  #openVault(): Vault {
    if (this.#vault === null) {
      const { engine, ...ground } = this.#ground;
      this.#vault = new Vault({ ...ground, engine: engine() });
    }
    return this.#vault;
  }
}
