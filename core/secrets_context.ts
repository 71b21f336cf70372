import { checkOpen } from "./check_open.ts";
import type { LetheErrorCode } from "./contract/errors.ts";
import type { Region, SecretMemory } from "./contract/memory.ts";
import type { SecretBuffer } from "./contract/secret_buffer.ts";
import type { EngineChoice } from "./engine_choice.ts";
import { type Repeat, repeat } from "./globals.ts";
import { HeldSecret } from "./held_secret.ts";
import { MemorySecrets, partsOf } from "./memory_secrets.ts";
import { type Abort, type MisusePolicy, type Registry, registryUnder } from "./registry.ts";

// Apart from the secrets themselves, so that a page that only holds some has none of it.

/** What features that are built on secrets need of them. Within the package: no program can reach it. */
export interface SecretsContext {
  readonly memory: SecretMemory;
  readonly registry: Registry;
  readonly engineChoice: EngineChoice;
  readonly repeat: Repeat;
  /** Whether a secret is one of these Secrets. */
  made(secret: HeldSecret): boolean;
  /** A region that has all that the secrets require. */
  allocate(byteLength: number): Region;
  make(byteLength: number, fill: (bytes: Uint8Array<ArrayBuffer>) => void): SecretBuffer;
  /** See {@link checkOpen}. */
  checkOpen(verb: string): void;
}

/** The {@link SecretsContext} of secrets. */
export function contextOf(secrets: MemorySecrets): SecretsContext {
  const { memory, policy, whole, allocate } = partsOf(secrets);
  return {
    memory,
    registry: policy.registry,
    engineChoice: policy.engineChoice,
    repeat: policy.repeat ?? repeat,
    made: (secret) => {
      const maker = HeldSecret.makerOf(secret);
      return MemorySecrets.is(maker) && partsOf(maker).whole === whole;
    },
    allocate,
    make: (byteLength, fill) => secrets.make(byteLength, fill),
    checkOpen: (verb) => checkOpen(secrets, verb),
  };
}

/**
 * The same secrets under another misuse policy: one memory, one purge, one count, one disposal.
 * For keys, whose misuse may be fatal where that of other secrets is not.
 */
export function secretsUnder(
  secrets: MemorySecrets,
  misuse: MisusePolicy,
  abort: Abort | undefined,
): MemorySecrets {
  const { memory, policy, whole } = partsOf(secrets);
  const registry = registryUnder(policy.registry, misuse, abort);
  return new MemorySecrets(memory, { ...policy, registry }, whole);
}

/** Raises `code` as the misuse policy of these secrets has it. */
export function raiseOf(secrets: MemorySecrets, code: LetheErrorCode, message: string): never {
  return partsOf(secrets).policy.registry.raise(code, message);
}
