import { type SignalLike, throwIfAborted } from "../../core/arguments/foreign.ts";
import type { LetheError } from "../../core/mod.ts";
import { announce } from "./announce.ts";
import { checkEnvelope, checkKey, checkRemoving, checkWriting } from "./check_store.ts";
import type { EnvelopeStore, RemoveOptions, StoredEnvelope, WriteOptions } from "./store.ts";
import { conflict, type StoreErrorCode, type StoreVerb, storeError } from "./store_error.ts";

/**
 * A store for tests, which holds envelopes in memory and fails on demand. Nothing in Lethe ever falls back to it, and it
 * forgets nothing by `expiresAt`.
 *
 * @example
 * ```ts
 * import { MemoryStore } from "lethe/stores";
 *
 * const store = new MemoryStore();
 * await store.write("db", new Uint8Array(300), { expected: null });
 * store.fail("ERR_LETHE_STORE_UNAVAILABLE"); // from here on, until recover()
 * store.recover();
 * ```
 */
export class MemoryStore implements EnvelopeStore {
  /** As {@link EnvelopeStore.name} has it. */
  readonly name = "memory";
  readonly #kept = new Map<string, StoredEnvelope>();
  readonly #watchers = new Set<Watcher>();
  #writes = 0;
  #failure: StoreErrorCode | null = null;

  /**
   * Lets every operation fail from now on, and ends every watch. It never throws.
   *
   * @example
   * ```ts
   * import { MemoryStore } from "lethe/stores";
   *
   * const store = new MemoryStore();
   * store.fail("ERR_LETHE_STORE_DENIED");
   * await store.read("db").catch((error) => error.code); // ERR_LETHE_STORE_DENIED
   * ```
   */
  fail(code: StoreErrorCode): void {
    this.#failure = code;
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const { key, onChange } of watchers) announce(onChange, this.#refusal(code, "watch", key));
  }

  /**
   * Ends what `fail` began. It never throws.
   *
   * @example
   * ```ts
   * import { MemoryStore } from "lethe/stores";
   *
   * const store = new MemoryStore();
   * store.fail("ERR_LETHE_STORE_DENIED");
   * store.recover();
   * await store.read("db"); // null
   * ```
   */
  recover(): void {
    this.#failure = null;
  }

  /**
   * As {@link EnvelopeStore.read} has it.
   *
   * @throws {LetheError} the code that `fail` was given
   *
   * @example
   * ```ts
   * import { MemoryStore } from "lethe/stores";
   *
   * const store = new MemoryStore();
   * await store.read("db"); // null
   * ```
   */
  async read(key: string, signal?: SignalLike): Promise<StoredEnvelope | null> {
    checkKey(key, "read");
    this.#begin("read", key, signal);
    const kept = this.#kept.get(key);
    return kept === undefined ? null : { ...kept, envelope: new Uint8Array(kept.envelope) };
  }

  /**
   * As {@link EnvelopeStore.write} has it.
   *
   * @throws {LetheError} `ERR_LETHE_STORE_CONFLICT`; the code that `fail` was given
   *
   * @example
   * ```ts
   * import { MemoryStore } from "lethe/stores";
   *
   * const store = new MemoryStore();
   * await store.write("db", new Uint8Array(300), { expected: null });
   * ```
   */
  async write(key: string, envelope: Uint8Array, options: WriteOptions): Promise<string> {
    checkKey(key, "write");
    const bytes = checkEnvelope(envelope);
    const { expected, signal } = checkWriting(options);
    this.#begin("write", key, signal);
    this.#expect("write", key, expected);
    this.#writes += 1;
    const revision = `${this.#writes}`;
    this.#kept.set(key, { envelope: bytes, revision });
    this.#announce(key);
    return revision;
  }

  /**
   * As {@link EnvelopeStore.remove} has it.
   *
   * @throws {LetheError} `ERR_LETHE_STORE_CONFLICT`; the code that `fail` was given
   *
   * @example
   * ```ts
   * import { MemoryStore } from "lethe/stores";
   *
   * const store = new MemoryStore();
   * const expected = await store.write("db", new Uint8Array(300), { expected: null });
   * await store.remove("db", { expected });
   * ```
   */
  async remove(key: string, options: RemoveOptions): Promise<void> {
    checkKey(key, "remove");
    const { expected, signal } = checkRemoving(options);
    this.#begin("remove", key, signal);
    this.#expect("remove", key, expected);
    this.#kept.delete(key);
    this.#announce(key);
  }

  /**
   * As {@link EnvelopeStore.watch} has it.
   *
   * @throws {LetheError} the code that `fail` was given; the signal's reason
   *
   * @example
   * ```ts
   * import { MemoryStore } from "lethe/stores";
   *
   * const store = new MemoryStore();
   * const stop = new AbortController();
   * await store.watch("db", () => console.log("changed"), stop.signal);
   * stop.abort();
   * ```
   */
  async watch(
    key: string,
    onChange: (ended?: LetheError) => void,
    signal: SignalLike,
  ): Promise<void> {
    checkKey(key, "watch");
    this.#begin("watch", key, signal);
    const watcher = { key, onChange };
    this.#watchers.add(watcher);
    signal.addEventListener("abort", () => void this.#watchers.delete(watcher));
  }

  #begin(verb: StoreVerb, key: string, signal: SignalLike | undefined): void {
    throwIfAborted(signal);
    if (this.#failure !== null) throw this.#refusal(this.#failure, verb, key);
  }

  #refusal(code: StoreErrorCode, verb: StoreVerb, key: string): LetheError {
    return storeError(code, verb, this.name, key, "fail() was called; call recover()");
  }

  #expect(verb: StoreVerb, key: string, expected: string | null): void {
    if ((this.#kept.get(key)?.revision ?? null) !== expected) throw conflict(verb, this.name, key);
  }

  #announce(key: string): void {
    for (const watcher of [...this.#watchers]) if (watcher.key === key) announce(watcher.onChange);
  }
}

interface Watcher {
  readonly key: string;
  readonly onChange: (ended?: LetheError) => void;
}
