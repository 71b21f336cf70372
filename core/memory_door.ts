/**
 * What every runtime's `lethe/memory` has beside its `runtime`: for authors of a memory, and for programs
 * that ask what this runtime has.
 *
 * @module
 */
export {
  GUARANTEE_NAMES,
  type Guarantee,
  type GuaranteeLevel,
  type GuaranteeName,
  type Guarantees,
  guarantees,
  notGiven,
  unverified,
  verified,
} from "./contract/guarantees.ts";
export {
  LIFECYCLE_EVENTS,
  LIFECYCLE_STATES,
  type LifecycleEvent,
  type LifecycleOutcome,
  nextState,
  type State,
} from "./contract/lifecycle.ts";
export type { Capacity, Protection, Region, SecretMemory } from "./contract/memory.ts";
export type { MemoryProvider, PassedOver, Runtime } from "./contract/runtime.ts";
export type { Repeat } from "./globals.ts";
export { type OpenSecrets, type SecretsOptions, secretsOpener } from "./open_secrets.ts";
export type { Abort } from "./registry.ts";
