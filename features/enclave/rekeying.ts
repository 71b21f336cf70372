import type { LetheErrorCode } from "../../core/contract/errors.ts";
import type { Region } from "../../core/contract/memory.ts";
import { TAG_BYTES } from "../../core/contract/sizes.ts";
import { laterTurn, monotonicNow } from "../../core/globals.ts";
import { tryAll } from "../../core/try_all.ts";
import type { EnclaveSlots } from "./enclave_slots.ts";
import { FORGED, type SessionKey } from "./session_key.ts";

/** What a store lets a rekeying do, between the beginning and the end of a key's use. */
export interface RekeyedStore {
  readonly live: number;
  readonly slotsOfAllSizes: Iterable<EnclaveSlots>;
  /** The newest first. */
  readonly keys: readonly SessionKey[];
  allocate(byteLength: number): Region;
  discard(region: Region): void;
  addKey(): SessionKey;
  dropKeysBefore(key: SessionKey): void;
  dropUnused(key: SessionKey): void;
  keyOf(count: number): SessionKey;
  encrypt(key: SessionKey, slots: EnclaveSlots, id: number, message: Uint8Array): void;
  decrypt(key: SessionKey, slots: EnclaveSlots, id: number, message: Uint8Array): boolean;
  raise(code: LetheErrorCode, message: string): never;
}

/** How long one slice runs before the event loop turns, in milliseconds. */
const SLICE_TIME = 4;
/** Bytes of work between two readings of the clock. A small secret counts as {@link LEAST_COST}. */
const BYTES_PER_LOOK = 16_384;
const LEAST_COST = 512;

/**
 * Puts every enclave under a fresh key, a slice at a time.
 *
 * - REKEY-1: from the first slice on, what is sealed is under the fresh key
 * - REKEY-2: the old key is destroyed when nothing is under it, and not before
 * - REKEY-3: between two slices everything is closed, and enclaves are opened, sealed and destroyed as ever
 * - REKEY-4: a call while one run is under way gets a run that starts after it, shared with all other
 *   calls in that time
 */
export class Rekeying {
  readonly #store: RekeyedStore;
  #current: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  constructor(store: RekeyedStore) {
    this.#store = store;
  }

  get running(): boolean {
    return this.#current !== null;
  }

  run(): Promise<void> {
    if (this.#current === null) {
      const run = this.#rekey().finally(() => {
        this.#current = null;
      });
      this.#current = run;
      return run;
    }
    this.#next ??= this.#after(this.#current);
    return this.#next;
  }

  async #after(current: Promise<void>): Promise<void> {
    // Who asked for that run is told how it ended.
    await current.catch(() => null);
    this.#next = null;
    return this.run();
  }

  async #rekey(): Promise<void> {
    const store = this.#store;
    if (store.live === 0) return;
    const key = store.addKey();
    let forged = false;
    try {
      for (const slots of [...store.slotsOfAllSizes]) {
        const pass = new Pass(store, slots, key);
        try {
          while (pass.slice()) await laterTurn();
        } finally {
          pass.end();
        }
        forged ||= pass.forged;
        await laterTurn();
      }
    } catch (error) {
      store.dropUnused(key);
      throw error;
    }
    if (!store.keys.includes(key)) return; // purged meanwhile, and with that nothing is left to do
    store.dropKeysBefore(key);
    if (forged) store.raise("ERR_LETHE_FORGED", FORGED);
  }
}

/** The slots of one size. */
class Pass {
  forged = false;
  readonly #store: RekeyedStore;
  readonly #slots: EnclaveSlots;
  readonly #key: SessionKey;
  /** Slots made later are under the fresh key. */
  readonly #end: number;
  readonly #region: Region;
  #slot = 0;

  constructor(store: RekeyedStore, slots: EnclaveSlots, key: SessionKey) {
    this.#store = store;
    this.#slots = slots;
    this.#key = key;
    this.#end = slots.end;
    this.#region = store.allocate(slots.slotBytes - TAG_BYTES);
  }

  /** @returns whether there is more to do */
  slice(): boolean {
    const store = this.#store;
    if (!store.keys.includes(this.#key)) return false;
    const until = monotonicNow() + SLICE_TIME;
    const begun: SessionKey[] = [];
    const region = this.#region;
    region.protect("read-write");
    try {
      for (const key of store.keys) {
        begun.push(key);
        key.begin();
      }
      let look = BYTES_PER_LOOK;
      const room = region.view();
      while (this.#slot < this.#end) {
        look -= this.#one(room);
        if (look > 0) continue;
        if (monotonicNow() > until) return true;
        look = BYTES_PER_LOOK;
      }
      return false;
    } finally {
      tryAll([() => wipeAndClose(region), ...begun.map((key) => () => key.end())]);
    }
  }

  end(): void {
    this.#store.discard(this.#region);
  }

  /** @returns about how many bytes of work it was */
  #one(room: Uint8Array<ArrayBuffer>): number {
    const slots = this.#slots;
    const slot = this.#slot++;
    const id = slots.idAt(slot);
    if (id === null || slots.count(id) >= this.#key.first) return 1;
    const byteLength = slots.lengthAt(slot);
    const bytes = new Uint8Array(room.buffer, room.byteOffset, byteLength);
    const old = this.#store.keyOf(slots.count(id));
    // What is forged stays as it is: it opened for nobody, and without the old key never will.
    if (this.#store.decrypt(old, slots, id, bytes)) {
      this.#store.encrypt(this.#key, slots, id, bytes);
    } else {
      this.forged = true;
    }
    return Math.max(LEAST_COST, 2 * byteLength);
  }
}

function wipeAndClose(region: Region): void {
  region.view().fill(0);
  region.detach();
  region.protect("no-access");
}
