import { type SignalLike, throwIfAborted } from "../../../core/arguments/foreign.ts";
import { type Json, recordOf } from "../../../core/arguments/own.ts";
import { monotonicNow, wallNow } from "../../../core/globals.ts";
import { LetheError } from "../../../core/mod.ts";
import { encodeText } from "../../../core/text.ts";
import { announce } from "../announce.ts";
import { checkEnvelope, checkKey, checkRemoving, checkWriting } from "../check_store.ts";
import type { EnvelopeStore, RemoveOptions, StoredEnvelope, WriteOptions } from "../store.ts";
import { conflict, printable, type StoreVerb, storeError } from "../store_error.ts";
import { checkEtcdOptions, type EtcdSettings, type EtcdStoreOptions } from "./etcd_options.ts";
import { watchEtcd } from "./etcd_watch.ts";
import { Gateway, GatewayError } from "./gateway.ts";
import { fromBase64, numberOf, revisionIn, toBase64 } from "./wire.ts";

/**
 * Opens a store in etcd 3.4 or newer, through its JSON gateway, so that it works wherever there is `fetch`. Reads are linearizable: they
 * ask the leader's majority, and fail where there is none. Synchronous; it asks nothing yet.
 *
 * A write is repeated at another server when one does not answer. It is recognised by its ciphertext, of which there is
 * one alone: where that is not found, `ERR_LETHE_STORE_UNKNOWN`.
 *
 * `expiresAt` becomes a lease: etcd forgets the envelope then, by its own clock and not before.
 *
 * A watch holds a connection, which keeps a process of Node.js alive until it is ended.
 *
 * @throws {TypeError | RangeError} for a wrong option
 *
 * @example
 * ```ts
 * import { openEtcdStore } from "lethe/stores";
 *
 * const store = openEtcdStore({
 *   endpoints: ["https://10.0.0.1:2379", "https://10.0.0.2:2379", "https://10.0.0.3:2379"],
 * });
 * console.log(store.name); // etcd
 * ```
 */
export function openEtcdStore(options: EtcdStoreOptions): EnvelopeStore {
  return new EtcdStore(checkEtcdOptions(options));
}

class EtcdStore implements EnvelopeStore {
  readonly name = "etcd";
  readonly #settings: EtcdSettings;
  readonly #gateways: readonly Gateway[];
  /** The server that answered last. */
  #first = 0;

  constructor(settings: EtcdSettings) {
    this.#settings = settings;
    this.#gateways = settings.endpoints.map((endpoint) => new Gateway(endpoint, settings.fetch));
  }

  async read(key: string, signal?: SignalLike): Promise<StoredEnvelope | null> {
    checkKey(key, "read");
    return await this.#find("read", key, this.#limits(signal));
  }

  async write(key: string, envelope: Uint8Array, options: WriteOptions): Promise<string> {
    checkKey(key, "write");
    const bytes = checkEnvelope(envelope);
    const { expected, end, signal } = checkWriting(options);
    const limits = this.#limits(signal);
    this.#checkOurs("write", key, expected);
    const lease = end === null ? null : await this.#lease(key, end, limits);
    try {
      return await this.#put(key, toBase64(bytes), lease, expected, limits);
    } catch (error) {
      // Not where it may have been written: the envelope would go with its lease.
      const isOver = error instanceof LetheError && error.code !== "ERR_LETHE_STORE_UNKNOWN";
      if (lease !== null && isOver && signal?.aborted !== true) await this.#revoke(lease, limits);
      throw error;
    }
  }

  async #put(
    key: string,
    value: string,
    lease: string | null,
    expected: string | null,
    limits: Limits,
  ): Promise<string> {
    const put = { key: this.#keyOf(key), value, ...(lease === null ? {} : { lease }) };
    const result = await this.#change("write", key, expected, { request_put: put }, limits);
    if (result.revision !== null) return result.revision;
    if (!result.unsure) throw conflict("write", this.name, key);
    const now = await this.#findOrNull(key, limits);
    if (now !== null && toBase64(now.envelope) === value) return now.revision;
    throw this.#unknown("write", key, "another server found another revision");
  }

  /** What is there, to see whether it was written here: null also where that cannot be seen. */
  async #findOrNull(key: string, limits: Limits): Promise<StoredEnvelope | null> {
    try {
      return await this.#find("write", key, limits);
    } catch {
      throwIfAborted(limits.signal);
      return null;
    }
  }

  async remove(key: string, options: RemoveOptions): Promise<void> {
    checkKey(key, "remove");
    const { expected, signal } = checkRemoving(options);
    this.#checkOurs("remove", key, expected);
    const step = { request_delete_range: { key: this.#keyOf(key) } };
    const result = await this.#change("remove", key, expected, step, this.#limits(signal));
    if (result.revision !== null) return;
    throw result.unsure
      ? this.#unknown("remove", key, "another server found another revision")
      : conflict("remove", this.name, key);
  }

  async watch(
    key: string,
    onChange: (ended?: LetheError) => void,
    signal: SignalLike,
  ): Promise<void> {
    checkKey(key, "watch");
    throwIfAborted(signal);
    const { timeout, heartbeat } = this.#settings;
    const { end } = this.#limits(signal);
    let last: unknown = new GatewayError("silent", "no server answered in time");
    for (const gateway of this.#inTurn()) {
      const left = end - monotonicNow();
      if (left < 1) break;
      const share = this.#share(timeout);
      const within = Math.ceil(Math.min(share, left));
      try {
        const ended = (error: unknown): void =>
          announce(onChange, this.#asStoreError("watch", key, error));
        const encoded = this.#keyOf(key);
        const times = { within, share, heartbeat };
        await watchEtcd({ gateway, key: encoded, ...times, onChange, ended, signal });
        return;
      } catch (error) {
        if (!isSilent(error)) throw this.#asStoreError("watch", key, error);
        last = error;
      }
    }
    throw this.#asStoreError("watch", key, last);
  }

  async #find(verb: StoreVerb, key: string, limits: Limits): Promise<StoredEnvelope | null> {
    const question = { key: this.#keyOf(key), limit: "1" };
    const { answer } = await this.#ask(verb, key, "kv/range", question, limits);
    if (revisionIn(answer) === null) throw this.#malformed(verb, key);
    const kvs = answer["kvs"];
    if (kvs === undefined) return null;
    const found = Array.isArray(kvs) ? recordOf(kvs[0]) : null;
    const envelope = fromBase64(found?.["value"]);
    const revision = numberOf(found?.["mod_revision"]);
    if (envelope !== null && revision !== null && found?.["key"] === question.key)
      return { envelope, revision };
    throw this.#malformed(verb, key);
  }

  /** A change that is made only where the key has the expected revision. */
  async #change(
    verb: StoreVerb,
    key: string,
    expected: string | null,
    step: Json,
    limits: Limits,
  ): Promise<{ readonly revision: string | null; readonly unsure: boolean }> {
    const encoded = this.#keyOf(key);
    const compare =
      expected === null
        ? { key: encoded, target: "CREATE", create_revision: "0", result: "EQUAL" }
        : { key: encoded, target: "MOD", mod_revision: expected, result: "EQUAL" };
    const question = { compare: [compare], success: [step], failure: [] };
    const { answer, unsure } = await this.#ask(verb, key, "kv/txn", question, limits);
    const revision = revisionIn(answer);
    if (revision === null) throw this.#unknown(verb, key, "an answer that is not etcd's");
    return { revision: answer["succeeded"] === true ? revision : null, unsure };
  }

  /** A revision of another store is one that etcd never gave. */
  #checkOurs(verb: StoreVerb, key: string, expected: string | null): void {
    if (expected !== null && numberOf(expected) === null) throw conflict(verb, this.name, key);
  }

  /** The time of an operation begins. */
  #limits(signal: SignalLike | undefined): Limits {
    return { end: monotonicNow() + this.#settings.timeout, signal };
  }

  /**
   * Asks the servers in turn until one answers.
   *
   * @throws {LetheError} for a change that one may have carried out, `ERR_LETHE_STORE_UNKNOWN` alone, whatever the next says
   */
  async #ask(
    verb: StoreVerb,
    key: string,
    path: string,
    question: Json,
    { end, signal }: Limits,
  ): Promise<{ readonly answer: Json; readonly unsure: boolean }> {
    let unsure = false;
    let last = new GatewayError("silent", "no server answered in time");
    for (const [index, gateway] of this.#inTurn().entries()) {
      const left = end - monotonicNow();
      if (left < 1) break;
      const share = index === this.#gateways.length - 1 ? left : this.#share(left);
      try {
        const answer = await gateway.ask(path, question, Math.ceil(share), signal);
        this.#first = this.#gateways.indexOf(gateway);
        return { answer, unsure };
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        last = error;
        unsure ||= isSilent(error) || error.kind === "unclear";
        if (!isSilent(error)) break;
      }
    }
    if (path === "kv/txn" && unsure) throw this.#unknown(verb, key, last.message);
    throw this.#asStoreError(verb, key, last);
  }

  #inTurn(): readonly Gateway[] {
    return [...this.#gateways.slice(this.#first), ...this.#gateways.slice(0, this.#first)];
  }

  /** What one server may take of the time for all: a third where others can still be asked. */
  #share(milliseconds: number): number {
    return this.#gateways.length === 1 ? milliseconds : Math.max(milliseconds / 3, 1);
  }

  async #lease(key: string, end: number, limits: Limits): Promise<string> {
    const seconds = Math.max(Math.ceil((end - wallNow()) / 1000), 1);
    const question = { TTL: `${Math.min(seconds, MOST_LEASE_SECONDS)}` };
    const { answer } = await this.#ask("write", key, "lease/grant", question, limits);
    const lease = revisionIn(answer) === null ? null : numberOf(answer["ID"]);
    if (lease === null) throw this.#malformed("write", key);
    return lease;
  }

  /** In what is left of the time: etcd does it by itself when the lease ends. */
  async #revoke(lease: string, { end, signal }: Limits): Promise<void> {
    const left = Math.min(Math.ceil(end - monotonicNow()), 1000);
    if (left < 1) return;
    const asked = this.#gateways[this.#first]?.ask("lease/revoke", { ID: lease }, left, signal);
    await asked?.catch(() => undefined);
  }

  #keyOf(key: string): string {
    return toBase64(encodeText(this.#settings.prefix + key));
  }

  #unknown(verb: StoreVerb, key: string, last: string): LetheError {
    const reason = `no server says whether it was carried out, the last: ${printable(last)}; read what is there, then repeat what is missing`;
    return storeError("ERR_LETHE_STORE_UNKNOWN", verb, this.name, key, reason);
  }

  #malformed(verb: StoreVerb, key: string): LetheError {
    const reason = "its answer is not of the form of etcd's version 3 API; correct the endpoints";
    return storeError("ERR_LETHE_STORE_FAILED", verb, this.name, key, reason);
  }

  #asStoreError(verb: StoreVerb, key: string, error: unknown): LetheError {
    if (!(error instanceof GatewayError)) return error as LetheError;
    const { kind, message } = error;
    if (kind === "foreign") return this.#malformed(verb, key);
    if (kind === "forbidden")
      return storeError("ERR_LETHE_STORE_DENIED", verb, this.name, key, message);
    if (kind === "denied") {
      const reason = `etcd refuses: ${printable(message)}; give this client the permission, or another certificate`;
      return storeError("ERR_LETHE_STORE_DENIED", verb, this.name, key, reason);
    }
    if (kind === "refused" || kind === "unclear") {
      const reason = `etcd says ${printable(message)}; see its log`;
      return storeError("ERR_LETHE_STORE_FAILED", verb, this.name, key, reason);
    }
    const reason = `no server of the cluster answers, the last: ${printable(message)}; see that a majority of them runs, and that the endpoints and certificates are right`;
    return storeError("ERR_LETHE_STORE_UNAVAILABLE", verb, this.name, key, reason);
  }
}

/** What an operation has to keep to. */
interface Limits {
  /** By the monotonic clock. */
  readonly end: number;
  readonly signal: SignalLike | undefined;
}

function isSilent(error: unknown): boolean {
  return error instanceof GatewayError && (error.kind === "silent" || error.kind === "away");
}

/** etcd's own bound: lease/lessor.go. */
const MOST_LEASE_SECONDS = 9_000_000_000;
