import { type SignalLike, throwIfAborted } from "../../../core/arguments/foreign.ts";
import { codecFor } from "../../../core/codec.ts";
import { monotonicNow, wallNow } from "../../../core/globals.ts";
import type { LetheError } from "../../../core/mod.ts";
import { checkEnvelope, checkKey, checkRemoving, checkWriting } from "../check_store.ts";
import type { EnvelopeStore, RemoveOptions, StoredEnvelope, WriteOptions } from "../store.ts";
import { conflict, printable, type StoreVerb, storeError } from "../store_error.ts";
import { checkEtcdOptions, type EtcdSettings, type EtcdStoreOptions } from "./etcd_options.ts";
import { watchEtcd } from "./etcd_watch.ts";
import { Gateway, GatewayError, type Json, recordOf } from "./gateway.ts";

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
    return await this.#find("read", key, signal);
  }

  async write(key: string, envelope: Uint8Array, options: WriteOptions): Promise<string> {
    checkKey(key, "write");
    const bytes = checkEnvelope(envelope);
    const { expected, end, signal } = checkWriting(options);
    const value = toBase64(bytes);
    const lease = end === null ? null : await this.#lease(key, end, signal);
    const put = { key: this.#keyOf(key), value, ...(lease === null ? {} : { lease }) };
    const step = { request_put: put };
    const result = await this.#change("write", key, expected, step, signal);
    if (result.revision !== null) return result.revision;
    const now = result.unsure ? await this.#find("write", key, signal) : null;
    if (now !== null && toBase64(now.envelope) === value) return now.revision;
    if (lease !== null) await this.#tryTo("lease/revoke", { ID: lease });
    throw result.unsure ? this.#unknown("write", key) : conflict("write", this.name, key);
  }

  async remove(key: string, options: RemoveOptions): Promise<void> {
    checkKey(key, "remove");
    const { expected, signal } = checkRemoving(options);
    const step = { request_delete_range: { key: this.#keyOf(key) } };
    const result = await this.#change("remove", key, expected, step, signal);
    if (result.revision !== null) return;
    throw result.unsure ? this.#unknown("remove", key) : conflict("remove", this.name, key);
  }

  async watch(
    key: string,
    onChange: (ended?: LetheError) => void,
    signal: SignalLike,
  ): Promise<void> {
    checkKey(key, "watch");
    throwIfAborted(signal);
    const { timeout, heartbeat } = this.#settings;
    const share = this.#share(timeout);
    let last: unknown;
    for (const gateway of this.#inTurn()) {
      try {
        const ended = (error: unknown): void => onChange(this.#asStoreError("watch", key, error));
        const encoded = this.#keyOf(key);
        await watchEtcd({ gateway, key: encoded, share, heartbeat, onChange, ended, signal });
        return;
      } catch (error) {
        if (!isSilent(error)) throw this.#asStoreError("watch", key, error);
        last = error;
      }
    }
    throw this.#asStoreError("watch", key, last);
  }

  async #find(
    verb: StoreVerb,
    key: string,
    signal: SignalLike | undefined,
  ): Promise<StoredEnvelope | null> {
    const question = { key: this.#keyOf(key), limit: "1" };
    const { answer } = await this.#ask(verb, key, "kv/range", question, signal);
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
    signal: SignalLike | undefined,
  ): Promise<{ readonly revision: string | null; readonly unsure: boolean }> {
    // A revision of another store is one that etcd never gave.
    if (expected !== null && numberOf(expected) === null) throw conflict(verb, this.name, key);
    const encoded = this.#keyOf(key);
    const compare =
      expected === null
        ? { key: encoded, target: "CREATE", create_revision: "0", result: "EQUAL" }
        : { key: encoded, target: "MOD", mod_revision: expected, result: "EQUAL" };
    const question = { compare: [compare], success: [step], failure: [] };
    const { answer, unsure } = await this.#ask(verb, key, "kv/txn", question, signal);
    if (answer["succeeded"] !== true) return { revision: null, unsure };
    const revision = numberOf(recordOf(answer["header"])?.["revision"]);
    if (revision === null) throw this.#unknown(verb, key);
    return { revision, unsure };
  }

  /** Asks the servers in turn until one answers. */
  async #ask(
    verb: StoreVerb,
    key: string,
    path: string,
    question: Json,
    signal: SignalLike | undefined,
  ): Promise<{ readonly answer: Json; readonly unsure: boolean }> {
    const end = monotonicNow() + this.#settings.timeout;
    let unsure = false;
    let last: unknown = new GatewayError("silent", "no server answered in time");
    for (const [index, gateway] of this.#inTurn().entries()) {
      const left = end - monotonicNow();
      if (left < 1) break;
      const share = index === this.#gateways.length - 1 ? left : this.#share(left);
      try {
        const answer = await gateway.ask(path, question, Math.ceil(share), signal);
        this.#first = this.#gateways.indexOf(gateway);
        return { answer, unsure };
      } catch (error) {
        if (!isSilent(error)) throw this.#asStoreError(verb, key, error);
        [unsure, last] = [true, error];
      }
    }
    if (path === "kv/txn") throw this.#unknown(verb, key);
    throw this.#asStoreError(verb, key, last);
  }

  #inTurn(): readonly Gateway[] {
    return [...this.#gateways.slice(this.#first), ...this.#gateways.slice(0, this.#first)];
  }

  /** What one server may take of the time for all: a third where others can still be asked. */
  #share(milliseconds: number): number {
    return this.#gateways.length === 1 ? milliseconds : Math.max(milliseconds / 3, 1);
  }

  async #lease(key: string, end: number, signal: SignalLike | undefined): Promise<string> {
    const seconds = Math.max(Math.ceil((end - wallNow()) / 1000), 1);
    const question = { TTL: `${Math.min(seconds, MOST_LEASE_SECONDS)}` };
    const { answer } = await this.#ask("write", key, "lease/grant", question, signal);
    const lease = numberOf(answer["ID"]);
    if (lease === null) throw this.#malformed("write", key);
    return lease;
  }

  /** For what etcd does by itself in time. */
  async #tryTo(path: string, question: Json): Promise<void> {
    await this.#gateways[this.#first]?.ask(path, question, 1000).catch(() => undefined);
  }

  #keyOf(key: string): string {
    return toBase64(new TextEncoder().encode(this.#settings.prefix + key));
  }

  #unknown(verb: StoreVerb, key: string): LetheError {
    return storeError(
      "ERR_LETHE_STORE_UNKNOWN",
      verb,
      this.name,
      key,
      "a server took the request and did not answer, so that it may or may not have been carried out; read what is there, then repeat what is missing",
    );
  }

  #malformed(verb: StoreVerb, key: string): LetheError {
    const reason = "its answer is not of the form of etcd's version 3 API; correct the endpoints";
    return storeError("ERR_LETHE_STORE_FAILED", verb, this.name, key, reason);
  }

  #asStoreError(verb: StoreVerb, key: string, error: unknown): LetheError {
    if (!(error instanceof GatewayError)) return error as LetheError;
    const { kind, message } = error;
    if (kind === "forbidden")
      return storeError("ERR_LETHE_STORE_DENIED", verb, this.name, key, message);
    if (kind === "denied") {
      const reason = `etcd refuses: ${printable(message)}; give this client the permission, or another certificate`;
      return storeError("ERR_LETHE_STORE_DENIED", verb, this.name, key, reason);
    }
    if (kind === "refused") {
      const reason = `etcd says ${printable(message)}; see its log`;
      return storeError("ERR_LETHE_STORE_FAILED", verb, this.name, key, reason);
    }
    const reason = `no server of the cluster answers, the last: ${printable(message)}; see that a majority of them runs, and that the endpoints and certificates are right`;
    return storeError("ERR_LETHE_STORE_UNAVAILABLE", verb, this.name, key, reason);
  }
}

function isSilent(error: unknown): boolean {
  return error instanceof GatewayError && (error.kind === "silent" || error.kind === "away");
}

const BASE64 = codecFor("base64", "encode");
/** etcd's own bound: lease/lessor.go. */
const MOST_LEASE_SECONDS = 9_000_000_000;

/** Public bytes as text. */
function toBase64(bytes: Uint8Array): string {
  const text = new Uint8Array(BASE64.encodedLength(bytes.length));
  BASE64.encode(bytes, text);
  return new TextDecoder().decode(text);
}

function fromBase64(value: unknown): Uint8Array<ArrayBuffer> | null {
  if (typeof value !== "string" || value === "") return null;
  const text = new TextEncoder().encode(value);
  const byteLength = BASE64.decodedLength(text);
  if (byteLength < 1) return null;
  const bytes = new Uint8Array(byteLength);
  return BASE64.decode(text, bytes) ? bytes : null;
}

/** 64-bit numbers are text in the JSON of gRPC. Revisions are positive; a lease may be negative. */
function numberOf(value: unknown): string | null {
  return typeof value === "string" && /^-?[1-9]\d{0,18}$/.test(value) ? value : null;
}
