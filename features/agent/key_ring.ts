import { equalBytes } from "../../core/mod.ts";
import { afterIdly, type Later, wallClock } from "../../system/timers.ts";
import type { KeyPairType } from "../custodian/types.ts";
import { fingerprintOf } from "./fingerprint.ts";

/** A key that is offered. */
export interface RingKey {
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
  /** A client brought it in: it leaves the custodian with the ring. */
  readonly isOfClient: boolean;
}

/** setTimeout takes no longer one. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The keys that an agent offers, in the order in which they came. A key is there once. */
export class KeyRing {
  readonly #keys = new Map<string, RingKey>();
  readonly #most: number;
  readonly #forget: (key: RingKey) => void;
  #sweeper: Later | undefined;

  /** @param forget is called for each key that leaves the ring */
  constructor(most: number, forget: (key: RingKey) => void) {
    this.#most = most;
    this.#forget = forget;
  }

  /** Whether there is room for a key, or it is there already. */
  hasRoom(blob: Uint8Array): boolean {
    this.#sweep();
    return this.#keys.size < this.#most || this.#keys.has(fingerprintOf(blob));
  }

  /** The one of the same public key leaves. */
  add(key: RingKey): void {
    const { fingerprint } = key;
    const before = this.#keys.get(fingerprint);
    this.#keys.delete(fingerprint);
    this.#keys.set(fingerprint, key);
    if (before !== undefined && before.name !== key.name) this.#forget(before);
    this.#sweep();
  }

  find(blob: Uint8Array): RingKey | undefined {
    this.#sweep();
    const key = this.#keys.get(fingerprintOf(blob));
    return key !== undefined && equalBytes(key.blob, blob) ? key : undefined;
  }

  all(): readonly RingKey[] {
    this.#sweep();
    return [...this.#keys.values()];
  }

  remove(key: RingKey): void {
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
