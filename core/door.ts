/**
 * What every runtime's `lethe` has beside its `openSecrets`: what it takes to hold and use a secret.
 *
 * @module
 */
export { equalBytes, MAX_BYTE_LENGTH, offHeapBytes, wipeBytes } from "./bytes.ts";
export type { Encoding } from "./codec.ts";
export type { CryptoEngine } from "./contract/engine.ts";
export { LetheError, type LetheErrorCode } from "./contract/errors.ts";
export type {
  Guarantee,
  GuaranteeLevel,
  GuaranteeName,
  Guarantees,
} from "./contract/guarantees.ts";
export type { State } from "./contract/lifecycle.ts";
export type { Capacity, SecretMemory } from "./contract/memory.ts";
export type { PassedOver } from "./contract/runtime.ts";
export type { SecretBuffer } from "./contract/secret_buffer.ts";
export type { Secrets } from "./contract/secrets.ts";
export type { EngineOption } from "./engine_choice.ts";
export { exposeAll, type Views } from "./expose_all.ts";
export { isSecretBuffer } from "./held_secret.ts";
export type { OpenSecrets, SecretsOptions } from "./open_secrets.ts";
export type { ReadonlyBytes, WriteRefused } from "./readonly_bytes.ts";
export { assertNoSecrets, type MisusePolicy, type Stats } from "./registry.ts";
export type {
  SecretInput,
  StandardSecretV1,
  StandardSecretV1Lending,
} from "./standard/standard.ts";
