import { type SecretBuffer, wipeBytes } from "../../../core/mod.ts";
import { KEY_BYTES } from "../protocol/limits.ts";
import type { Tools } from "../protocol/tools.ts";
import type { VaultKey } from "./vault_key.ts";

/** Longer secrets, and a second one at a time, are opened in a region of their own. */
const BENCH_BYTES = 2016;

/**
 * One page of secret memory in which the vault's secrets are opened.
 *
 *     | key of the vault, while unlocked | the secret in use |
 *
 * Outside {@link Workspace.open} its page is closed. The key stays there, closed, from the first use
 * until `relockMilliseconds` after the last one; the next use derives it again.
 */
export class Workspace {
  readonly #tools: Tools;
  readonly #key: VaultKey;
  readonly #page: SecretBuffer;
  readonly #relockMilliseconds: number;
  #view: Uint8Array<ArrayBuffer> | null = null;
  #occupied = false;
  #unlocked = false;
  #lastUse = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(tools: Tools, key: VaultKey, relockMilliseconds: number) {
    this.#tools = tools;
    this.#key = key;
    this.#relockMilliseconds = relockMilliseconds;
    this.#page = tools.secrets.allocate(KEY_BYTES + BENCH_BYTES);
  }

  get unlocked(): boolean {
    return this.#unlocked;
  }

  /** Keeps the page open for `run`, so that what it uses inside opens no page by itself. */
  open<T>(run: () => T): T {
    if (this.#view !== null) return run();
    return this.#page.modify((view) => {
      this.#view = view;
      try {
        return run();
      } finally {
        if (this.#relockMilliseconds === 0) this.#relock(view);
        this.#view = null;
      }
    });
  }

  /** Lends the key of the vault, derived if need be. */
  withKey<T>(use: (key: Uint8Array) => T): T {
    return this.open(() => {
      const view = this.#view as Uint8Array;
      const key = view.subarray(0, KEY_BYTES);
      this.#lastUse = performance.now();
      if (this.#unlocked) this.#key.verify();
      else this.#unlock(key);
      return use(key);
    });
  }

  /** Lends `byteLength` zero bytes for one secret, and wipes them. */
  bench<T>(byteLength: number, use: (bytes: Uint8Array) => T): T {
    if (byteLength > BENCH_BYTES || this.#occupied) {
      const apart = this.#tools.secrets.allocate(byteLength);
      try {
        return apart.modify(use);
      } finally {
        apart.destroy();
      }
    }
    return this.open(() => {
      const bytes = (this.#view as Uint8Array).subarray(KEY_BYTES, KEY_BYTES + byteLength);
      this.#occupied = true;
      try {
        return use(bytes);
      } finally {
        wipeBytes(bytes);
        this.#occupied = false;
      }
    });
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.#page.destroy();
    this.#key.destroy();
  }

  #unlock(key: Uint8Array): void {
    this.#key.deriveInto(key);
    this.#unlocked = true;
    if (this.#relockMilliseconds > 0) this.#watch(this.#relockMilliseconds);
  }

  /** One timer that looks, instead of one that is set anew with each use. */
  #watch(milliseconds: number): void {
    this.#timer = setTimeout(() => {
      const idle = performance.now() - this.#lastUse;
      if (idle < this.#relockMilliseconds) return this.#watch(this.#relockMilliseconds - idle);
      this.#page.modify((view) => this.#relock(view));
    }, milliseconds);
    (this.#timer as { unref?(): void }).unref?.();
  }

  #relock(view: Uint8Array): void {
    wipeBytes(view.subarray(0, KEY_BYTES));
    this.#unlocked = false;
  }
}
