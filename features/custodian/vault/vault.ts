import { NONCE_BYTES, TAG_BYTES } from "../../../core/contract/sizes.ts";
import { type Fresh, freshOf } from "../../../core/fresh.ts";
import { offHeapBytes } from "../../../core/mod.ts";
import { tryAll } from "../../../core/try_all.ts";
import { CLOCKS, type Clocks, deadlineAt, timeUntil } from "../../../system/deadline.ts";
import { TextEncoder } from "../../../system/node_builtins.ts";
import { afterIdly, type Later } from "../../../system/timers.ts";
import { makeNonce } from "../../crypto/nonce.ts";
import type { ChannelContext } from "../protocol/channel_context.ts";
import { MOST_BYTES, MOST_SECRETS } from "../protocol/limits.ts";
import type { SharedRegion } from "../protocol/shared_region.ts";
import { EndedNames } from "./ended_names.ts";
import {
  ANY_TYPE,
  type Entry,
  type Sealed,
  type SecretStatus,
  type SecretType,
  statusOf,
} from "./entry.ts";
import { HeapKeyPair, NoRoomToCompute } from "./heap_key_pair.ts";
import type { Policy } from "./policy.ts";
import { SecureHeapPairs } from "./secure_heap_pairs.ts";
import {
  damaged,
  fullVault,
  onlyOpenSsl,
  refusedByPolicy,
  takenName,
  unknownName,
  wrongSecretType,
} from "./vault_errors.ts";
import type { VaultKey } from "./vault_key.ts";
import { VaultWorkspace } from "./workspace.ts";

/**
 * Secrets at rest: each sealed (XChaCha20-Poly1305) under the key of the vault, in ordinary memory,
 * with its name and type authenticated beside it. Key pairs that are to be in the secure heap are there.
 *
 * One whose last use is spent or whose time is over is gone: its name is free, and it counts nowhere. A use of that name says
 * why as long as nobody took it again, and the vault remembers it.
 */
export class CustodianVault {
  readonly #context: ChannelContext;
  readonly #workspace: VaultWorkspace;
  readonly #fresh: Fresh;
  readonly #pairs: SecureHeapPairs;
  readonly #entries = new Map<string, Entry>();
  readonly #ended = new EndedNames();
  readonly #clocks: Clocks;
  #added = 0;
  #usesPair = false;
  #bytes = 0;
  /** By the monotonic clock. */
  #nextSweep = Infinity;
  #sweeper: Later | undefined;

  /** @param page of `openSharedRegion` */
  constructor(
    context: ChannelContext,
    key: VaultKey,
    relockMilliseconds: number,
    page: SharedRegion,
    clocks: Clocks = CLOCKS,
  ) {
    this.#context = context;
    this.#fresh = freshOf(context.secrets);
    this.#workspace = new VaultWorkspace(context, key, relockMilliseconds, page);
    this.#pairs = new SecureHeapPairs(context.secrets);
    this.#clocks = clocks;
  }

  get count(): number {
    return this.#entries.size;
  }

  get unlocked(): boolean {
    return this.#workspace.unlocked;
  }

  /** For several uses at a time. */
  batch<T>(run: () => T): T {
    return this.#workspace.open(run);
  }

  /** Lends zero bytes of secret memory for the time of `use`, and wipes them. */
  withScratch<T>(byteLength: number, use: (bytes: Uint8Array<ArrayBuffer>) => T): T {
    return this.#workspace.withScratch(byteLength, use);
  }

  /**
   * Keeps a secret of `byteLength` that `fill` writes into secret memory, which is wiped then.
   *
   * @throws {LetheError} `ERR_LETHE_NAME` when the name is taken, `ERR_LETHE_EXHAUSTED`, `ERR_LETHE_SECURE_HEAP`; what
   * `fill` throws
   */
  add(
    name: string,
    type: SecretType,
    policy: Policy,
    byteLength: number,
    fill: (bytes: Uint8Array<ArrayBuffer>) => void,
  ): void {
    this.assertFree(name, byteLength);
    const { mayLeave, uses, place = "vault" } = policy;
    const expires = deadlineAt(policy.expires, this.#clocks);
    const content = this.#workspace.withScratch(byteLength, (bytes) => {
      fill(bytes);
      if (place === "vault" || type === "password" || type === "key") {
        return this.#seal(bytes, `${type} ${name}`);
      }
      return this.#pairs.hold(type, bytes);
    });
    const number = this.#added++;
    this.#entries.set(name, { number, name, type, place, mayLeave, uses, expires, content });
    this.#ended.forget(name);
    this.#bytes += lengthOf(content);
    this.#sweepIn(timeUntil(expires, this.#clocks));
  }

  #seal(secret: Uint8Array, text: string): Sealed {
    const nonce = offHeapBytes(NONCE_BYTES);
    const bytes = offHeapBytes(secret.length + TAG_BYTES);
    const label = ENCODER.encode(text);
    this.#workspace.withKey((key) => {
      const { engine } = this.#context;
      makeNonce(nonce, this.#fresh, engine, key, secret, label);
      engine.aeadSeal(bytes, secret, label, nonce, key);
    });
    return { bytes, nonce, label };
  }

  /**
   * @param byteLength that there has to be room for
   * @throws {LetheError} `ERR_LETHE_NAME`, `ERR_LETHE_EXHAUSTED`
   */
  assertFree(name: string, byteLength: number = 0): void {
    // What has expired while this thread was busy is not in the way. A pair that is used stays until it was used.
    if (!this.#usesPair && this.#clocks.monotonic() >= this.#nextSweep) this.#sweep();
    const same = this.#entries.get(name);
    if (same !== undefined && (this.#usesPair || !this.#hasExpired(same))) throw takenName(name);
    if (this.#entries.size < MOST_SECRETS && this.#bytes + byteLength <= MOST_BYTES) return;
    throw fullVault(this.#entries.size, this.#bytes);
  }

  /**
   * Opens a secret for one use, and counts that.
   *
   * @param purpose `leave` for what brings it out of the custodian
   * @param usePair for what OpenSSL does with a key pair in the secure heap
   * @throws {LetheError} `ERR_LETHE_NAME`, `ERR_LETHE_POLICY`, `ERR_LETHE_SECURE_HEAP`, `ERR_LETHE_UNSUPPORTED`; what
   * `use` throws
   */
  use<T>(
    name: string,
    types: readonly SecretType[],
    purpose: "leave" | "stay",
    use: (bytes: Uint8Array<ArrayBuffer>, type: SecretType) => T,
    usePair?: (pair: HeapKeyPair) => T,
  ): T {
    const entry = this.#find(name, types);
    const content = this.#permitted(entry, purpose);
    if (content instanceof HeapKeyPair) return this.#usePair(entry, content, usePair);
    const { bytes: sealed, label, nonce } = content;
    const { engine } = this.#context;
    return this.#workspace.withScratch(sealed.length - TAG_BYTES, (bytes) => {
      const whole = this.#workspace.withKey((key) =>
        engine.aeadUnseal(bytes, sealed, label, nonce, key),
      );
      if (!whole) throw damaged(name);
      entry.uses -= 1;
      if (entry.uses === 0) this.#retire([entry]);
      return use(bytes, entry.type);
    });
  }

  #usePair<T>(entry: Entry, pair: HeapKeyPair, use: ((pair: HeapKeyPair) => T) | undefined): T {
    if (use === undefined) throw onlyOpenSsl(entry.name);
    this.#pairs.verify();
    entry.uses -= 1;
    this.#usesPair = true;
    try {
      return use(pair);
    } catch (error) {
      if (error instanceof NoRoomToCompute) entry.uses += 1;
      throw error;
    } finally {
      this.#usesPair = false;
      if (entry.uses === 0) this.#retire([entry]);
    }
  }

  /** @throws {LetheError} `ERR_LETHE_NAME`, `ERR_LETHE_SECURE_HEAP` */
  delete(name: string): void {
    if (this.#ended.forget(name)) return;
    this.#end([this.#find(name, ANY_TYPE)]);
  }

  /** What is told of each secret from the number `from` on, with its number. */
  *status(from: number = 0): Generator<readonly [number: number, secret: SecretStatus]> {
    if (from === 0) this.#sweep();
    for (const entry of this.#entries.values()) {
      if (entry.number >= from) yield [entry.number, statusOf(entry)];
    }
  }

  /** Destroys the key, and with it every secret. Idempotent. */
  destroy(): void {
    this.#sweeper?.stop();
    tryAll([
      () => this.#workspace.destroy(),
      () => this.#end([...this.#entries.values()]),
      () => this.#entries.clear(),
      () => this.#ended.clear(),
    ]);
  }

  #find(name: string, types: readonly SecretType[]): Entry {
    const entry = this.#entries.get(name);
    if (entry === undefined) {
      const reason = this.#ended.reasonOf(name);
      throw reason === undefined ? unknownName(name) : refusedByPolicy(name, reason);
    }
    if (types.includes(entry.type)) return entry;
    throw wrongSecretType(name, entry.type, types);
  }

  #permitted(entry: Entry, purpose: "leave" | "stay"): Sealed | HeapKeyPair {
    const { name, mayLeave, content } = entry;
    if (content === null || this.#hasExpired(entry)) throw refusedByPolicy(name, EXPIRED);
    if (purpose === "leave" && !mayLeave) {
      const reason = "it may not leave the custodian; add it with mayLeave to allow that";
      throw refusedByPolicy(name, reason);
    }
    return content;
  }

  /** Asks the clocks, and retires it if it has. */
  #hasExpired(entry: Entry): boolean {
    if (timeUntil(entry.expires, this.#clocks) > 0) return false;
    this.#retire([entry]);
    return true;
  }

  /** Ends what its policy ends, and remembers why. */
  #retire(entries: readonly Entry[]): void {
    for (const { name, uses } of entries) this.#ended.note(name, uses === 0 ? SPENT : EXPIRED);
    this.#end(entries);
  }

  /** Frees their names and their room. Key pairs last, all at once: each look at the secure heap takes a collection. */
  #end(entries: readonly Entry[]): void {
    const pairs: HeapKeyPair[] = [];
    for (const entry of entries) {
      const { content } = entry;
      if (content === null) continue;
      entry.content = null;
      this.#entries.delete(entry.name);
      this.#bytes -= lengthOf(content);
      if (content instanceof HeapKeyPair) pairs.push(content);
      else content.bytes.fill(0);
    }
    this.#pairs.release(pairs);
  }

  /** Ends what has expired, and comes again for what expires next. */
  #sweep(): void {
    let next = Infinity;
    const over: Entry[] = [];
    for (const entry of this.#entries.values()) {
      const left = timeUntil(entry.expires, this.#clocks);
      if (left <= 0) over.push(entry);
      else next = Math.min(next, left);
    }
    this.#nextSweep = Infinity;
    this.#sweepIn(next);
    this.#retire(over);
  }

  #sweepIn(milliseconds: number): void {
    const time = this.#clocks.monotonic() + milliseconds;
    if (time >= this.#nextSweep) return;
    this.#sweeper?.stop();
    this.#nextSweep = time;
    const wait = Math.min(Math.max(Math.ceil(milliseconds), 1), LONGEST_TIMER);
    this.#sweeper = afterIdly(() => this.#sweep(), wait);
  }
}

/** What a secret counts: a key in the secure heap takes nothing of the vault's room. */
function lengthOf(content: Sealed | HeapKeyPair): number {
  return content instanceof HeapKeyPair ? 0 : content.bytes.length - TAG_BYTES;
}

const SPENT = "its last use is spent";
const EXPIRED = "it has expired";
const ENCODER = new TextEncoder();
/** setTimeout takes no longer one. */
const LONGEST_TIMER = 2 ** 31 - 1;
