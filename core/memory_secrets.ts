import { wrongKind } from "./arguments/argument_error.ts";
import { checkBytes, copyBytes, lengthOf } from "./arguments/check_bytes.ts";
import { markKind } from "./arguments/kind_of.ts";
import { optional } from "./arguments/own.ts";
import { isThenable } from "./arguments/thenable.ts";
import { type Attested, attest, withLifecycle } from "./attest.ts";
import { checkByteLength, wipeBytes } from "./bytes.ts";
import { capacityOf } from "./capacity.ts";
import { codecFor, type Encoding, malformed } from "./codec.ts";
import { LetheError } from "./contract/errors.ts";
import type { GuaranteeName, Guarantees } from "./contract/guarantees.ts";
import type { Capacity, Region, SecretMemory } from "./contract/memory.ts";
import type { PassedOver } from "./contract/runtime.ts";
import type { SecretBuffer } from "./contract/secret_buffer.ts";
import type { Secrets } from "./contract/secrets.ts";
import { creationStack } from "./creation_stack.ts";
import { disposable } from "./dispose.ts";
import { unwatch, watch } from "./dropped.ts";
import type { EngineChoice } from "./engine_choice.ts";
import type { Repeat } from "./globals.ts";
import { HeldSecret } from "./held_secret.ts";
import { checkFill, type Fill, refuseAsync, refuseLender } from "./landing.ts";
import { ManagedRegion } from "./managed_region.ts";
import { randomize } from "./random.ts";
import { redact } from "./redact.ts";
import type { Registry, Stats } from "./registry.ts";
import { unmet } from "./require.ts";
import { lendingOf, makeOf } from "./standard/lender.ts";
import type { SecretInput, StandardSecretV1 } from "./standard/standard.ts";

/** How secrets are made, whatever the memory. */
export interface SecretsPolicy {
  readonly require: readonly GuaranteeName[];
  readonly registry: Registry;
  readonly passedOver: readonly PassedOver[];
  readonly trackLeaks: boolean;
  readonly engineChoice: EngineChoice;
  /** That of the runtime, where it has its own. */
  readonly repeat: Repeat | undefined;
}

/** What the rest of core reaches of secrets, which no program can. */
export interface SecretsParts {
  readonly memory: SecretMemory;
  readonly policy: SecretsPolicy;
  /** See {@link MemorySecrets}. */
  readonly whole: MemorySecrets;
  readonly isDisposed: boolean;
  allocate(byteLength: number): Region;
}

/** The {@link SecretsParts} of secrets. */
export let partsOf: (secrets: MemorySecrets) => SecretsParts;

export class MemorySecrets implements Secrets {
  readonly #memory: SecretMemory;
  readonly #policy: SecretsPolicy;
  readonly #attested: Attested;
  readonly #guarantees: Guarantees;
  readonly #tables = new WeakMap<Guarantees, Guarantees>();
  /** Itself, or the secrets that it holds to another misuse policy: they end together. */
  readonly #whole: MemorySecrets;
  #disposed = false;

  constructor(memory: SecretMemory, policy: SecretsPolicy, whole?: MemorySecrets) {
    this.#memory = memory;
    this.#policy = policy;
    this.#whole = whole ?? this;
    this.#attested = attest(memory);
    this.#guarantees = this.#complete(memory.guarantees);
    const refusal = unmet(policy.require, this.#guarantees);
    if (refusal !== null)
      throw new LetheError(refusal.code, `Cannot open ${memory.name} memory: ${refusal.reason}`);
  }

  static {
    partsOf = (secrets) => ({
      memory: secrets.#memory,
      policy: secrets.#policy,
      whole: secrets.#whole,
      isDisposed: secrets.#whole.#disposed,
      allocate: (byteLength) => secrets.#allocate(byteLength),
    });
  }

  static is(value: unknown): value is MemorySecrets {
    return typeof value === "object" && value !== null && #whole in value;
  }

  get memory(): string {
    return this.#memory.name;
  }

  get guarantees(): Guarantees {
    return this.#guarantees;
  }

  get passedOver(): readonly PassedOver[] {
    return this.#policy.passedOver;
  }

  get stats(): Stats {
    return this.#policy.registry.stats;
  }

  allocate(byteLength: number): SecretBuffer {
    checkByteLength(byteLength, "allocate");
    return this.#hold(byteLength);
  }

  random(byteLength: number): SecretBuffer {
    checkByteLength(byteLength, "make random");
    return this.make(byteLength, (bytes) => randomize(this.#memory, bytes));
  }

  move(source: Uint8Array): SecretBuffer {
    refuseLender(source);
    checkBytes(source, "move secret", "source");
    const secret = this.make(lengthOf(source), (bytes) => copyBytes(bytes, source));
    return this.#consume(source, secret);
  }

  land(byteLength: number, fill: Fill): SecretBuffer {
    checkByteLength(byteLength, "land");
    checkFill(fill);
    return this.make(byteLength, fill);
  }

  adopt(input: SecretInput): SecretBuffer {
    return this.#copy(input, "adopt secret", "input");
  }

  decode(source: SecretInput, encoding: Encoding): SecretBuffer {
    if (lendingOf(source) !== null) {
      const text = this.#copy(source, "decode secret", "source");
      try {
        return text.expose((bytes) => this.#decode(bytes, encoding));
      } finally {
        text.destroy();
      }
    }
    checkBytes(source, "decode secret", "source");
    return this.#consume(source, this.#decode(source, encoding));
  }

  #decode(source: Uint8Array, encoding: Encoding): SecretBuffer {
    const codec = codecFor(encoding, "decode");
    const byteLength = codec.decodedLength(source);
    if (byteLength < 1) throw malformed(encoding);
    return this.make(byteLength, (bytes) => {
      if (!codec.decode(source, bytes)) throw malformed(encoding);
    });
  }

  encode(secret: StandardSecretV1, encoding: Encoding): SecretBuffer {
    if (lendingOf(secret) === null) {
      throw wrongKind(
        `Cannot encode secret as it must be a SecretBuffer, or lend its bytes as one`,
        secret,
      );
    }
    const codec = codecFor(encoding, "encode");
    return makeOf(secret, "encode secret", "secret", (bytes) =>
      this.make(codec.encodedLength(lengthOf(bytes)), (text) => codec.encode(bytes, text)),
    );
  }

  /** The page opens for the copying alone, while none of the lender's code runs. */
  #copy(input: SecretInput, verb: string, parameter: string): SecretBuffer {
    return makeOf(input, verb, parameter, (bytes) =>
      this.make(lengthOf(bytes), (page) => copyBytes(page, bytes)),
    );
  }

  capacity(byteLength: number): Capacity | null {
    checkByteLength(byteLength, "count the room for");
    return capacityOf(this.#memory, byteLength);
  }

  purge(): void {
    try {
      this.#policy.registry.purge();
    } finally {
      const sweep = optional(this.#memory, "sweep");
      if (sweep !== undefined) Reflect.apply(sweep, this.#memory, []);
    }
  }

  declare readonly [Symbol.dispose]: () => void;

  static {
    disposable(MemorySecrets, (secrets) => {
      secrets.#whole.#disposed = true;
      secrets.purge();
    });
  }

  /** A secret filled by `fill`; when that throws, or is async, the half-filled one is destroyed. */
  make(byteLength: number, fill: (bytes: Uint8Array<ArrayBuffer>) => void): SecretBuffer {
    checkByteLength(byteLength, "make"); // a source or a text can be longer than a secret
    const secret = this.#hold(byteLength);
    let given: unknown;
    try {
      given = secret.modify(fill);
    } catch (error) {
      secret.destroy();
      throw error;
    }
    return isThenable(given) ? refuseAsync(secret, given) : secret;
  }

  /** Wipes what `secret` was made from. A source that stays readable must not pass for moved. */
  #consume(source: Uint8Array, secret: SecretBuffer): SecretBuffer {
    let wiped = false;
    try {
      wiped = wipeBytes(source);
    } finally {
      if (!wiped) secret.destroy();
    }
    if (wiped) return secret;
    return this.#policy.registry.raise(
      "ERR_LETHE_WIPE",
      "Cannot wipe the source of a secret: a byte did not read back as zero",
    );
  }

  forget(managed: ManagedRegion): void {
    unwatch(managed);
  }

  #hold(byteLength: number): SecretBuffer {
    const { registry, trackLeaks } = this.#policy;
    if (this.#whole.#disposed)
      registry.raise("ERR_LETHE_DESTROYED", "Cannot make secret: its Secrets was disposed");
    const origin = trackLeaks ? creationStack() : undefined;
    const region = this.#allocate(byteLength);
    const table = this.#complete(region.guarantees);
    const managed = new ManagedRegion(region, table, registry, origin, this.#memory);
    const secret = new HeldSecret(managed, this);
    watch(secret, managed);
    return secret;
  }

  #allocate(byteLength: number): Region {
    const region = this.#memory.allocate(byteLength);
    try {
      if (region.byteLength !== byteLength) {
        throw new TypeError(
          `Cannot make secret of ${byteLength} bytes: memory ${this.memory} gave a region of ${region.byteLength}`,
        );
      }
      const refusal = unmet(this.#policy.require, this.#complete(region.guarantees));
      if (refusal === null) return region;
      throw new LetheError(
        refusal.code,
        `Cannot make secret of ${byteLength} bytes: ${refusal.reason}`,
      );
    } catch (error) {
      region.release();
      throw error;
    }
  }

  /** Regions share a few tables, so that completing one costs a look-up. */
  #complete(own: Guarantees): Guarantees {
    let table = this.#tables.get(own);
    if (table === undefined) {
      table = withLifecycle(own, this.#attested);
      this.#tables.set(own, table);
    }
    return table;
  }
}

markKind(MemorySecrets, "Secrets");
redact(MemorySecrets, ({ memory }) => `Secrets(${memory}, redacted)`);
