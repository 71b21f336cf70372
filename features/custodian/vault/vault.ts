import { NONCE_BYTES, TAG_BYTES } from "../../../core/contract/sizes.ts";
import { type Fresh, freshOf } from "../../../core/fresh.ts";
import { LetheError, offHeapBytes } from "../../../core/mod.ts";
import { tryAll } from "../../../core/try_all.ts";
import {
  CLOCKS,
  type Clocks,
  type Deadline,
  deadlineAt,
  timeUntil,
} from "../../../system/deadline.ts";
import { TextEncoder } from "../../../system/node_builtins.ts";
import { afterIdly, type Later } from "../../../system/timers.ts";
import { makeNonce } from "../../crypto/nonce.ts";
import type { ChannelContext } from "../protocol/channel_context.ts";
import { MOST_BYTES, MOST_SECRETS } from "../protocol/limits.ts";
import { quoted } from "../protocol/names.ts";
import type { SharedRegion } from "../protocol/shared_region.ts";
import { KEY_PAIR_TYPES, type KeyPairType } from "./key_pair_types.ts";
import type { Policy } from "./policy.ts";
import type { VaultKey } from "./vault_key.ts";
import { VaultWorkspace } from "./workspace.ts";

/** What a secret is: what it can be used for follows. */
export type SecretType = "password" | "key" | "x25519" | KeyPairType;

/** The public facts about a secret: neither bytes nor length. */
export interface SecretStatus {
  /** Its name. */
  readonly name: string;
  /** What it can be used for. */
  readonly type: SecretType;
  /** Whether `expose` may hand it to the application. */
  readonly mayLeave: boolean;
  /** Uses that are left; null for no limit. */
  readonly uses: number | null;
  /** Milliseconds since 1970; null for never. */
  readonly expires: number | null;
}

interface Entry {
  /** In the order in which they came; never given again. */
  readonly number: number;
  readonly name: string;
  readonly type: SecretType;
  readonly mayLeave: boolean;
  readonly expires: Deadline;
  uses: number;
  /** Ciphertext and tag; null once the secret has come to its end by its policy. */
  sealed: Uint8Array<ArrayBuffer> | null;
  readonly nonce: Uint8Array<ArrayBuffer>;
  /** What the seal is bound to, so that one secret's bytes never open as another's. */
  readonly label: Uint8Array;
}

/**
 * Secrets at rest: each sealed (XChaCha20-Poly1305) under the key of the vault, in ordinary memory,
 * with its name and type authenticated beside it.
 */
export class CustodianVault {
  readonly #context: ChannelContext;
  readonly #workspace: VaultWorkspace;
  readonly #fresh: Fresh;
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
   * Seals a secret of `byteLength` that `fill` writes into secret memory, which is wiped then.
   *
   * @throws {LetheError} `ERR_LETHE_NAME` when the name is taken, `ERR_LETHE_EXHAUSTED`; what `fill`
   * throws
   */
  add(
    name: string,
    type: SecretType,
    policy: Policy,
    byteLength: number,
    fill: (bytes: Uint8Array<ArrayBuffer>) => void,
  ): void {
    this.assertFree(name, byteLength);
    const { mayLeave, uses } = policy;
    const expires = deadlineAt(policy.expires, this.#clocks);
    const nonce = offHeapBytes(NONCE_BYTES);
    const sealed = offHeapBytes(byteLength + TAG_BYTES);
    const label = ENCODER.encode(`${type} ${name}`);
    const number = this.#added++;
    const entry: Entry = { number, name, type, mayLeave, uses, expires, nonce, sealed, label };
    this.#workspace.withScratch(byteLength, (bytes) => {
      fill(bytes);
      this.#workspace.withKey((key) => {
        const { engine } = this.#context;
        makeNonce(nonce, this.#fresh, engine, key, bytes, label);
        engine.aeadSeal(sealed, bytes, label, nonce, key);
      });
    });
    this.#entries.set(name, entry);
    this.#bytes += byteLength;
    this.#sweepIn(timeUntil(expires, this.#clocks));
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
   * @throws {LetheError} `ERR_LETHE_NAME`, `ERR_LETHE_POLICY`, `ERR_LETHE_SECURE_HEAP`; what `use` throws
   */
  use<T>(
    name: string,
    types: readonly SecretType[],
    purpose: "leave" | "stay",
    use: (bytes: Uint8Array<ArrayBuffer>, type: SecretType) => T,
  ): T {
    const entry = this.#find(name, types);
    const sealed = this.#permitted(entry, purpose);
    const { engine } = this.#context;
    return this.#workspace.withScratch(sealed.length - TAG_BYTES, (bytes) => {
      const whole = this.#workspace.withKey((key) =>
        engine.aeadUnseal(bytes, sealed, entry.label, entry.nonce, key),
      );
      if (!whole) throw damaged(name);
      entry.uses -= 1;
      if (entry.uses === 0) this.#end(entry);
      return use(bytes, entry.type);
    });
  }

  /** @throws {LetheError} `ERR_LETHE_NAME` */
  delete(name: string): void {
    const entry = this.#find(name, ANY_TYPE);
    this.#end(entry);
    this.#entries.delete(name);
  }

  /** What is told of each secret from the number `from` on, with its number. */
  *status(from: number = 0): Generator<readonly [number: number, secret: SecretStatus]> {
    if (from === 0) this.#sweep();
    for (const { number, name, type, mayLeave, uses, expires } of this.#entries.values()) {
      if (number < from) continue;
      const told: SecretStatus = {
        name,
        type,
        mayLeave,
        uses: uses === Infinity ? null : uses,
        expires: expires.wall === Infinity ? null : expires.wall,
      };
      yield [number, told];
    }
  }

  /** Destroys the key, and with it every secret. Idempotent. */
  destroy(): void {
    this.#sweeper?.stop();
    tryAll([
      () => this.#workspace.destroy(),
      ...[...this.#entries.values()].map((entry) => () => this.#end(entry)),
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

  #permitted(entry: Entry, purpose: "leave" | "stay"): Uint8Array {
    const { name, sealed, mayLeave, expires } = entry;
    const refuse = (reason: string): never => {
      throw new LetheError("ERR_LETHE_POLICY", `Cannot use secret ${quoted(name)}: ${reason}`);
    };
    if (timeUntil(expires, this.#clocks) <= 0) this.#end(entry);
    if (entry.sealed === null || sealed === null) {
      return refuse(entry.uses === 0 ? "its last use is spent" : "it has expired");
    }
    if (purpose === "leave" && !mayLeave) {
      return refuse("it may not leave the custodian; add it with mayLeave to allow that");
    }
    return sealed;
  }

  #end(entry: Entry): void {
    if (entry.sealed === null) return;
    this.#bytes -= entry.sealed.length - TAG_BYTES;
    entry.sealed.fill(0);
    entry.sealed = null;
  }

  /** Ends what has expired, and comes again for what expires next. */
  #sweep(): void {
    let next = Infinity;
    for (const entry of this.#entries.values()) {
      const left = timeUntil(entry.expires, this.#clocks);
      if (left <= 0) this.#end(entry);
      else if (entry.sealed !== null) next = Math.min(next, left);
    }
    this.#nextSweep = Infinity;
    this.#sweepIn(next);
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

function damaged(name: string): LetheError {
  return new LetheError(
    "ERR_LETHE_CANARY",
    `Cannot use secret ${quoted(name)}: what was sealed does not open; memory was damaged`,
  );
}

const ENCODER = new TextEncoder();
export const ANY_TYPE: readonly SecretType[] = ["password", "key", "x25519", ...KEY_PAIR_TYPES];
/** setTimeout takes no longer one. */
const LONGEST_TIMER = 2 ** 31 - 1;
