import { NONCE_BYTES, TAG_BYTES } from "../../../core/contract/sizes.ts";
import { type Fresh, freshOf } from "../../../core/fresh.ts";
import { LetheError, offHeapBytes } from "../../../core/mod.ts";
import { tryAll } from "../../../core/try_all.ts";
import { CLOCKS, type Clocks, deadlineAt, timeUntil } from "../../../system/deadline.ts";
import { TextEncoder } from "../../../system/node_builtins.ts";
import { afterIdly, type Later } from "../../../system/timers.ts";
import { makeNonce } from "../../crypto/nonce.ts";
import type { ChannelContext } from "../protocol/channel_context.ts";
import { MOST_BYTES, MOST_SECRETS } from "../protocol/limits.ts";
import { quoted } from "../protocol/names.ts";
import type { SharedRegion } from "../protocol/shared_region.ts";
import {
  ANY_TYPE,
  type Entry,
  type Sealed,
  type SecretStatus,
  type SecretType,
  statusOf,
} from "./entry.ts";
import { HeapKeyPair } from "./heap_key_pair.ts";
import type { Policy } from "./policy.ts";
import { SecureHeapPairs } from "./secure_heap_pairs.ts";
import type { VaultKey } from "./vault_key.ts";
import { VaultWorkspace } from "./workspace.ts";

/**
 * Secrets at rest: each sealed (XChaCha20-Poly1305) under the key of the vault, in ordinary memory,
 * with its name and type authenticated beside it. Key pairs that are to be in the secure heap are there.
 */
export class CustodianVault {
  readonly #context: ChannelContext;
  readonly #workspace: VaultWorkspace;
  readonly #fresh: Fresh;
  readonly #pairs: SecureHeapPairs;
  readonly #entries = new Map<string, Entry>();
  readonly #clocks: Clocks;
  #added = 0;
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
    if (this.#entries.has(name)) {
      throw new LetheError(
        "ERR_LETHE_NAME",
        `Cannot add secret ${quoted(name)}: there is one of that name; delete it first`,
      );
    }
    if (this.#entries.size < MOST_SECRETS && this.#bytes + byteLength <= MOST_BYTES) return;
    const held =
      this.#entries.size < MOST_SECRETS ? `${this.#bytes} of ${MOST_BYTES} bytes` : MOST_SECRETS;
    throw new LetheError(
      "ERR_LETHE_EXHAUSTED",
      `Cannot add secret: the custodian holds ${held}, the most that it takes; delete others first`,
    );
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
      if (entry.uses === 0) this.#end(entry);
      return use(bytes, entry.type);
    });
  }

  #usePair<T>(entry: Entry, pair: HeapKeyPair, use: ((pair: HeapKeyPair) => T) | undefined): T {
    if (use === undefined) {
      throw new LetheError(
        "ERR_LETHE_UNSUPPORTED",
        `Cannot use secret ${quoted(entry.name)} like this: it is in the secure heap, where OpenSSL only signs, agrees and decrypts with it; put it into the vault, by leaving out place`,
      );
    }
    this.#pairs.verify();
    entry.uses -= 1;
    try {
      return use(pair);
    } finally {
      if (entry.uses === 0) this.#end(entry);
    }
  }

  /** @throws {LetheError} `ERR_LETHE_NAME`, `ERR_LETHE_SECURE_HEAP` */
  delete(name: string): void {
    const entry = this.#find(name, ANY_TYPE);
    this.#entries.delete(name);
    this.#end(entry);
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
      () => this.#end(...this.#entries.values()),
      () => this.#entries.clear(),
    ]);
  }

  #find(name: string, types: readonly SecretType[]): Entry {
    const entry = this.#entries.get(name);
    if (entry === undefined) {
      throw new LetheError(
        "ERR_LETHE_NAME",
        `Cannot use secret ${quoted(name)}: the custodian has none of that name`,
      );
    }
    if (types.includes(entry.type)) return entry;
    throw new LetheError(
      "ERR_LETHE_NAME",
      `Cannot use secret ${quoted(name)} like this: it is of type ${entry.type}, and that takes ${types.join(" or ")}`,
    );
  }

  #permitted(entry: Entry, purpose: "leave" | "stay"): Sealed | HeapKeyPair {
    const { name, mayLeave, expires } = entry;
    const refuse = (reason: string): never => {
      throw new LetheError("ERR_LETHE_POLICY", `Cannot use secret ${quoted(name)}: ${reason}`);
    };
    if (timeUntil(expires, this.#clocks) <= 0) this.#end(entry);
    const { content } = entry;
    if (content === null) {
      return refuse(entry.uses === 0 ? "its last use is spent" : "it has expired");
    }
    if (purpose === "leave" && !mayLeave) {
      return refuse("it may not leave the custodian; add it with mayLeave to allow that");
    }
    return content;
  }

  /** Key pairs last, all at once: each look at the secure heap takes a collection. */
  #end(...entries: readonly Entry[]): void {
    const pairs: HeapKeyPair[] = [];
    for (const entry of entries) {
      const { content } = entry;
      if (content === null) continue;
      entry.content = null;
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
      else if (entry.content !== null) next = Math.min(next, left);
    }
    this.#nextSweep = Infinity;
    this.#sweepIn(next);
    this.#end(...over);
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

function damaged(name: string): LetheError {
  return new LetheError(
    "ERR_LETHE_CANARY",
    `Cannot use secret ${quoted(name)}: what was sealed does not open; memory was damaged`,
  );
}

const ENCODER = new TextEncoder();
/** setTimeout takes no longer one. */
const LONGEST_TIMER = 2 ** 31 - 1;
