import type { SignalLike } from "../../core/arguments/foreign.ts";
import type { LetheError } from "../../core/mod.ts";

/**
 * Where envelopes lie for many machines: etcd, a database. It holds ciphertext and public names alone, and needs no
 * secret memory.
 *
 * A conforming store keeps these rules; `runStoreConformance` probes each of them:
 *
 * - ENVSTORE-1: `read` gives what the last `write` stored that succeeded before it began, or a later one: every byte of it
 * - ENVSTORE-2: `write` and `remove` change nothing unless the revision is the expected one:
 *   `ERR_LETHE_STORE_CONFLICT`. Of several at once that expect the same, one succeeds
 * - ENVSTORE-3: no two successful writes have the same revision, even with a removal between them
 * - ENVSTORE-4: an error is a `LetheError` of a code `ERR_LETHE_STORE_*`. Only `ERR_LETHE_STORE_UNKNOWN` leaves open
 *   whether something was written
 * - ENVSTORE-5: it ends in bounded time, and rejects with the signal's reason soon after that is aborted
 * - ENVSTORE-6: any number of operations may run at once, and keys do not touch each other
 * - ENVSTORE-7: where it can watch, each change is announced until the signal is aborted, and none after that
 *
 * It is not promised that nobody else writes: who may write to a store can remove an envelope, put back an
 * older one, or put a forgery there. {@link StoredSecrets} says what is noticed of that.
 */
export interface EnvelopeStore {
  /** Short and lower case: `etcd`. For messages. */
  readonly name: string;
  /**
   * What is under a key now, or null.
   *
   * @param key 1 to 200 characters of visible ASCII
   * @throws {LetheError} `ERR_LETHE_STORE_UNAVAILABLE`, `ERR_LETHE_STORE_DENIED`, `ERR_LETHE_STORE_FAILED`
   * @throws the signal's reason
   *
   * @example
   * ```ts
   * import { MemoryStore } from "lethe/stores";
   *
   * const store = new MemoryStore(); // or any other
   * const revision = await store.write("db", new Uint8Array(300), { expected: null });
   * console.log((await store.read("db"))?.revision === revision); // true
   * ```
   */
  read(key: string, signal?: SignalLike): Promise<StoredEnvelope | null>;
  /**
   * Puts an envelope under a key.
   *
   * @param envelope 1 byte to 1 MiB
   * @returns its revision
   * @throws {LetheError} `ERR_LETHE_STORE_CONFLICT`, `ERR_LETHE_STORE_UNKNOWN`, and what `read` throws
   * @throws the signal's reason; the envelope may have been written by then
   *
   * @example
   * ```ts
   * import { MemoryStore } from "lethe/stores";
   *
   * const store = new MemoryStore(); // or any other
   * const first = await store.write("db", new Uint8Array(300), { expected: null });
   * await store.write("db", new Uint8Array(310), { expected: first });
   * ```
   */
  write(key: string, envelope: Uint8Array, options: WriteOptions): Promise<string>;
  /**
   * Removes what is under a key.
   *
   * @throws {LetheError} what `write` throws
   *
   * @example
   * ```ts
   * import { MemoryStore } from "lethe/stores";
   *
   * const store = new MemoryStore(); // or any other
   * const revision = await store.write("db", new Uint8Array(300), { expected: null });
   * await store.remove("db", { expected: revision });
   * ```
   */
  remove(key: string, options: RemoveOptions): Promise<void>;
  /**
   * Sees changes of what is under a key, until `signal` is aborted. A change may be announced that is none; none is left
   * out. Missing where the store cannot tell: then poll.
   *
   * @param onChange called after each change, and once with an error when no more can be seen. It is not
   * called before the promise resolves, nor after `signal` was aborted
   * @returns a promise that resolves once changes are seen, and rejects when they cannot be
   * @throws {LetheError} what `read` throws; the signal's reason
   *
   * @example
   * ```ts
   * import { MemoryStore } from "lethe/stores";
   *
   * const store = new MemoryStore(); // or any other
   * const stop = new AbortController();
   * await store.watch("db", () => console.log("changed"), stop.signal);
   * await store.write("db", new Uint8Array(300), { expected: null }); // changed
   * stop.abort();
   * ```
   */
  watch?(key: string, onChange: (ended?: LetheError) => void, signal: SignalLike): Promise<void>;
}

/** What lies under a key. */
export interface StoredEnvelope {
  /** A copy that the reader may keep. */
  readonly envelope: Uint8Array<ArrayBuffer>;
  /** Names this write among all of the store: 1 to 100 visible ASCII characters. */
  readonly revision: string;
}

/** When a removal is done. */
export interface RemoveOptions {
  /** The revision that must be there. */
  readonly expected: string;
  /** Ends it. */
  readonly signal?: SignalLike | undefined;
}

/** When a write is done. */
export interface WriteOptions {
  /** The revision that must be there; null: nothing may be there. */
  readonly expected: string | null;
  /** When the store may forget the envelope by itself, for stores that can. Default: never. */
  readonly expiresAt?: Date | undefined;
  /** Ends it. */
  readonly signal?: SignalLike | undefined;
}
