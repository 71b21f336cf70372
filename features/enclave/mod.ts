export { type Enclave, type EnclaveState, isEnclave } from "./enclave.ts";
export type { StreamPair } from "./stream_pair.ts";
export type { OpenStreamOptions, SealStreamOptions } from "./streams.ts";
