/**
 * Secrets for many machines: envelopes in a store that sees ciphertext alone, read as records and rotated.
 *
 * @module
 */
export type { PlatformSignal, SignalLike } from "../../core/arguments/foreign.ts";
export type { Identity, Recipient } from "../../core/contract/key_wrapper.ts";
export type { BodyReader, ReadableBody } from "../../system/readable_body.ts";
export type { EtcdStoreOptions } from "./etcd/etcd_options.ts";
export { openEtcdStore } from "./etcd/etcd_store.ts";
export type { StoreFetch, StoreRequest, StoreResponse } from "./etcd/fetch.ts";
export { MemoryStore } from "./memory_store.ts";
export { openStoredSecrets } from "./open_stored_secrets.ts";
export type { Field } from "./record_bytes.ts";
export type {
  EnvelopeStore,
  RemoveOptions,
  StoredEnvelope,
  WriteOptions,
} from "./store.ts";
export { runStoreConformance, type StoreFault, type StoreSubject } from "./store_conformance.ts";
export { type StoreErrorCode, type StoreVerb, storeError } from "./store_error.ts";
export type { PublishOptions, StoredSecrets, StoredSecretsOptions } from "./stored_secrets.ts";
