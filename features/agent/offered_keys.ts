import { equalBytes } from "../../core/mod.ts";
import { CLOCKS, type Clocks, type Deadline, timeUntil } from "../../system/deadline.ts";
import { afterIdly, type Later } from "../../system/timers.ts";
import type { KeyPairType } from "../custodian/types.ts";
import { hashOf } from "./fingerprint.ts";

/** A key that is offered. */
export interface OfferedKey {
  /** Its public half, or its certificate, on the wire. */
  readonly blob: Uint8Array<ArrayBuffer>;
  readonly type: KeyPairType;
  /** Whether `blob` is a certificate. */
  readonly certified: boolean;
  readonly comment: Uint8Array;
  /** In the custodian. */
  readonly name: string;
  readonly fingerprint: string;
  readonly confirm: boolean;
  /** Until when; of Infinity: as long as the agent runs. */
  readonly expires: Deadline;
  /** A client brought it in: it leaves the custodian when it is offered no more. */
  readonly isOfClient: boolean;
}

/** setTimeout takes no longer one. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The keys that an agent offers, in the order in which they came. A key is there once, and once more with each certificate. */
export class OfferedKeys {
  readonly #keys = new Map<string, OfferedKey>();
  readonly #most: number;
  readonly #forget: (key: OfferedKey) => void;
  readonly #clocks: Clocks;
  #isClosed = false;
  #sweeper: Later | undefined;

  /** @param forget is called for each key that is offered no more */
  constructor(most: number, forget: (key: OfferedKey) => void, clocks: Clocks = CLOCKS) {
    this.#most = most;
    this.#forget = forget;
    this.#clocks = clocks;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether there is room for a key, or it is there already. */
  hasRoom(blob: Uint8Array): boolean {
    if (this.#isClosed) return false;
    this.#sweep();
    return this.#keys.size < this.#most || this.#keys.has(hashOf(blob));
  }

  /** The one of the same public key, or of the same certificate, leaves. */
  add(key: OfferedKey): void {
    const id = hashOf(key.blob);
    const before = this.#keys.get(id);
    this.#keys.delete(id);
    this.#keys.set(id, key);
    if (before !== undefined && before.name !== key.name) this.#forget(before);
    this.#sweep();
  }

  find(blob: Uint8Array): OfferedKey | undefined {
    this.#sweep();
    const key = this.#keys.get(hashOf(blob));
    return key !== undefined && equalBytes(key.blob, blob) ? key : undefined;
  }

  all(): readonly OfferedKey[] {
    this.#sweep();
    return [...this.#keys.values()];
  }

  remove(key: OfferedKey): void {
    if (this.#keys.delete(hashOf(key.blob))) this.#forget(key);
  }

  clear(): void {
    this.#sweeper?.stop();
    for (const key of [...this.#keys.values()]) this.remove(key);
  }

  /** Nothing is added from here on. */
  close(): void {
    this.#isClosed = true;
    this.clear();
  }

  /** Removes what has expired, and comes again for what expires next. */
  #sweep(): void {
    let next = Infinity;
    for (const key of [...this.#keys.values()]) {
      const left = timeUntil(key.expires, this.#clocks);
      if (left <= 0) this.remove(key);
      else next = Math.min(next, left);
    }
    this.#sweeper?.stop();
    if (next === Infinity) return;
    const wait = Math.min(Math.max(Math.ceil(next), 1), LONGEST_TIMER);
    this.#sweeper = afterIdly(() => this.#sweep(), wait);
  }
}
