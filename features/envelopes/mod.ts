/**
 * Envelopes: secrets for one or several recipients, as files that `age` reads and writes
 * (age-encryption.org/v1).
 *
 * @module
 */
export type {
  Awaitable,
  Identity,
  KeyWrapper,
  Land,
  Recipient,
  Stanza,
  WrapperDescription,
} from "../../core/contract/key_wrapper.ts";
export type {
  SecretInput,
  StandardSecretV1,
  StandardSecretV1Lending,
} from "../../core/standard/standard.ts";
export type { RuntimeStream, StreamPair } from "../../core/stream_pair.ts";
export { type AuditOptions, audited } from "./audited.ts";
export { doubled, type OuterService } from "./doubled.ts";
export type { Envelopes } from "./envelopes.ts";
export type { EnvelopeFacts } from "./facts.ts";
export type { AgeIdentity } from "./identity.ts";
export type { KeyService } from "./key_service.ts";
export type { KeyUse, OnKeyUse } from "./key_use.ts";
export { openEnvelopes } from "./open_envelopes.ts";
export type {
  EnvelopesOptions,
  OpenOptions,
  ParseIdentitiesOptions,
  SealOptions,
  SealStreamOptions,
} from "./options.ts";
export type { PassphraseOptions } from "./passphrase.ts";
export {
  runWrapperConformance,
  type WrapperFault,
  type WrapperSubject,
} from "./wrapper_conformance.ts";
