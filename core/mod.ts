/**
 * The runtime-agnostic core, whole: what a secret is, how it lives, and what a memory must promise. The rest
 * of the tree imports this; programs have the doors that are made from it: `lethe`, `lethe/memory`,
 * `lethe/engine`.
 *
 * @module
 */

export { equalBytes, MAX_BYTE_LENGTH, offHeapBytes, wipeBytes } from "./bytes.ts";
export type { Encoding } from "./codec.ts";
export type { Argon2Cost } from "./contract/cost.ts";
export {
  type CryptoEngine,
  type EngineProvider,
  OPERATIONS,
  type Operation,
} from "./contract/engine.ts";
export { LetheError, type LetheErrorCode } from "./contract/errors.ts";
export type { SecretBuffer } from "./contract/secret_buffer.ts";
export type { Secrets } from "./contract/secrets.ts";
export type { EngineOption } from "./engine_choice.ts";
export type { PassedOverEngine } from "./engines.ts";
export { exposeAll, type Views } from "./expose_all.ts";
export { isSecretBuffer } from "./held_secret.ts";
export * from "./memory_door.ts";
export type { ReadonlyBytes } from "./readonly_bytes.ts";
export { assertNoSecrets, type MisusePolicy, type Stats } from "./registry.ts";
export type {
  SecretInput,
  StandardSecretV1,
  StandardSecretV1Lending,
} from "./standard/standard.ts";
