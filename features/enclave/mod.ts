/**
 * Enclaves: secrets that are ciphertext while idle, as many as ordinary memory holds.
 *
 * @module
 */

export type { RuntimeStream, StreamPair } from "../../core/stream_pair.ts";
export { type Enclave, type EnclaveState, isEnclave } from "./enclave.ts";
export type { Enclaves } from "./enclaves.ts";
export { type EnclavesOptions, openEnclaves } from "./open_enclaves.ts";
export type { SealStreamOptions, UnsealStreamOptions } from "./streams.ts";
