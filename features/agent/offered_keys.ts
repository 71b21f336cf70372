import { equalBytes } from "../../core/mod.ts";
import { afterIdly, type Later, wallClock } from "../../system/timers.ts";
import type { KeyPairType } from "../custodian/types.ts";
import { fingerprintOf } from "./fingerprint.ts";

/** A key that is offered. */
export interface OfferedKey {
  /** Its public half on the wire. */
  readonly blob: Uint8Array<ArrayBuffer>;
  readonly type: KeyPairType;
  readonly comment: Uint8Array;
  /** In the custodian. */
  readonly name: string;
  readonly fingerprint: string;
  readonly confirm: boolean;
  /** Milliseconds since 1970; Infinity: as long as the agent runs. */
  readonly expires: number;
  /** A client brought it in: it leaves the custodian when it is offered no more. */
  readonly isOfClient: boolean;
}

/** setTimeout takes no longer one. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The keys that an agent offers, in the order in which they came. A key is there once. */
export class OfferedKeys {
  readonly #keys = new Map<string, OfferedKey>();
  readonly #most: number;
  readonly #forget: (key: OfferedKey) => void;
  #sweeper: Later | undefined;

  /** @param forget is called for each key that is offered no more */
  constructor(most: number, forget: (key: OfferedKey) => void) {
    this.#most = most;
    this.#forget = forget;
  }

  /** Whether there is room for a key, or it is there already. */
  hasRoom(blob: Uint8Array): boolean {
    this.#sweep();
    return this.#keys.size < this.#most || this.#keys.has(fingerprintOf(blob));
  }

  /** The one of the same public key leaves. */
  add(key: OfferedKey): void {
    const { fingerprint } = key;
    const before = this.#keys.get(fingerprint);
    this.#keys.delete(fingerprint);
    this.#keys.set(fingerprint, key);
    if (before !== undefined && before.name !== key.name) this.#forget(before);
    this.#sweep();
  }

  find(blob: Uint8Array): OfferedKey | undefined {
    this.#sweep();
    const key = this.#keys.get(fingerprintOf(blob));
    return key !== undefined && equalBytes(key.blob, blob) ? key : undefined;
  }

  all(): readonly OfferedKey[] {
    this.#sweep();
    return [...this.#keys.values()];
  }

  remove(key: OfferedKey): void {
    if (this.#keys.delete(key.fingerprint)) this.#forget(key);
  }

  clear(): void {
    this.#sweeper?.stop();
    for (const key of [...this.#keys.values()]) this.remove(key);
  }

  /** Removes what has expired, and comes again for what expires next. */
  #sweep(): void {
    const now = wallClock();
    let next = Infinity;
    for (const key of [...this.#keys.values()]) {
      if (key.expires <= now) this.remove(key);
      else next = Math.min(next, key.expires);
    }
    this.#sweeper?.stop();
    if (next === Infinity) return;
    const wait = Math.min(Math.max(next - now, 1), LONGEST_TIMER);
    this.#sweeper = afterIdly(() => this.#sweep(), wait);
  }
}
