import type { SignalLike } from "../../core/arguments/foreign.ts";
import { isRevision } from "./check_store.ts";
import type { EnvelopeStore, StoredEnvelope, WriteOptions } from "./store.ts";
import { storeError } from "./store_error.ts";

/**
 * What a store has under a key. It may be somebody else's: what it gives is looked at.
 *
 * @throws {LetheError} `ERR_LETHE_STORE_FAILED` for an answer of another form; and what the store throws
 */
export async function readStored(
  store: EnvelopeStore,
  key: string,
  signal?: SignalLike,
): Promise<StoredEnvelope | null> {
  const found: Partial<StoredEnvelope> | null | undefined = await store.read(key, signal);
  if (found === null) return null;
  const { envelope, revision } = found ?? {};
  if (envelope instanceof Uint8Array && isRevision(revision)) return { envelope, revision };
  const reason = "it gave neither null nor an envelope with its revision; correct that store";
  throw storeError("ERR_LETHE_STORE_FAILED", "read", store.name, key, reason);
}

/**
 * Writes an envelope. @returns its revision
 *
 * @throws {LetheError} `ERR_LETHE_STORE_UNKNOWN` for an answer of another form; and what the store throws
 */
export async function writeStored(
  store: EnvelopeStore,
  key: string,
  envelope: Uint8Array,
  options: WriteOptions,
): Promise<string> {
  const revision: unknown = await store.write(key, envelope, options);
  if (isRevision(revision)) return revision;
  const reason = "it gave no revision, so it is open whether it wrote; correct that store";
  throw storeError("ERR_LETHE_STORE_UNKNOWN", "write", store.name, key, reason);
}
