import { KEY_BYTES } from "../../../core/contract/sizes.ts";
import { monotonicNow } from "../../../core/globals.ts";
import { wipeBytes } from "../../../core/mod.ts";
import { tryAll } from "../../../core/try_all.ts";
import { afterIdly, type Later } from "../../../system/timers.ts";
import type { ChannelContext } from "../protocol/channel_context.ts";
import { SESSION_KEY_BYTES } from "../protocol/limits.ts";
import { SharedRegion } from "../protocol/shared_region.ts";
import type { VaultKey } from "./vault_key.ts";

/** Longer secrets, and a second one at a time, are opened in a region of their own. */
const BENCH_BYTES = 1952;
const VAULT_KEY_AT = SESSION_KEY_BYTES;
const BENCH_AT: number = VAULT_KEY_AT + KEY_BYTES;

/** What a custodian opens for each turn: one page, for two calls of the system. */
export function openSharedRegion({ secrets }: ChannelContext): SharedRegion {
  return new SharedRegion(secrets, BENCH_AT + BENCH_BYTES);
}

/**
 * Where the vault's secrets are opened.
 *
 *     | keys of the channel | key of the vault, while unlocked | the secret in use |
 *
 * Outside {@link VaultWorkspace.open} its page is closed. The key stays there, closed, from the first use
 * until `relockMilliseconds` after the last one; the next use derives it again.
 */
export class VaultWorkspace {
  readonly #context: ChannelContext;
  readonly #key: VaultKey;
  readonly #region: SharedRegion;
  readonly #relockMilliseconds: number;
  #inside = false;
  #occupied = false;
  #unlocked = false;
  #lastUse = 0;
  #timer: Later | undefined;

  /** @param page of {@link openSharedRegion} */
  constructor(
    context: ChannelContext,
    key: VaultKey,
    relockMilliseconds: number,
    page: SharedRegion,
  ) {
    this.#context = context;
    this.#key = key;
    this.#relockMilliseconds = relockMilliseconds;
    this.#region = page;
  }

  get unlocked(): boolean {
    return this.#unlocked;
  }

  /** Keeps the page open for `run`, so that what it uses inside opens no page by itself. */
  open<T>(run: () => T): T {
    if (this.#relockMilliseconds > 0 || this.#inside) return this.#region.open(run);
    return this.#region.open(() => {
      this.#inside = true;
      try {
        return run();
      } finally {
        this.#inside = false;
        this.#relock();
      }
    });
  }

  /** Lends the key of the vault, derived if need be. */
  withKey<T>(use: (key: Uint8Array) => T): T {
    return this.open(() => {
      const key = this.#region.part(VAULT_KEY_AT, KEY_BYTES);
      this.#lastUse = monotonicNow();
      if (this.#unlocked) this.#key.verify();
      else this.#unlock(key);
      return use(key);
    });
  }

  /** Lends `byteLength` zero bytes for one secret, and wipes them. */
  withScratch<T>(byteLength: number, use: (bytes: Uint8Array<ArrayBuffer>) => T): T {
    if (byteLength > BENCH_BYTES || this.#occupied) {
      const apart = this.#context.secrets.allocate(byteLength);
      try {
        return apart.modify(use);
      } finally {
        apart.destroy();
      }
    }
    return this.open(() => {
      const bytes = this.#region.part(BENCH_AT, byteLength);
      this.#occupied = true;
      try {
        return use(bytes);
      } finally {
        wipe(bytes);
        this.#occupied = false;
      }
    });
  }

  destroy(): void {
    this.#timer?.stop();
    tryAll([() => this.#region.destroy(), () => this.#key.destroy()]);
  }

  #unlock(key: Uint8Array): void {
    this.#key.deriveInto(key);
    this.#unlocked = true;
    if (this.#relockMilliseconds > 0) this.#watch(this.#relockMilliseconds);
  }

  /** One timer that looks, instead of one that is set anew with each use. */
  #watch(milliseconds: number): void {
    this.#timer = afterIdly(() => {
      if (this.#region.isDestroyed) return; // by a purge: nobody could catch an error here
      const idle = monotonicNow() - this.#lastUse;
      if (idle < this.#relockMilliseconds) return this.#watch(this.#relockMilliseconds - idle);
      this.#region.open(() => this.#relock());
    }, milliseconds);
  }

  #relock(): void {
    wipe(this.#region.part(VAULT_KEY_AT, KEY_BYTES));
    this.#unlocked = false;
  }
}

/** Nothing is left to wipe of a page that was destroyed meanwhile: its own end has done that. */
function wipe(bytes: Uint8Array): void {
  if (bytes.length > 0) wipeBytes(bytes);
}
