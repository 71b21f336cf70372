import { offHeapBytes } from "../../core/bytes.ts";
import type { CryptoEngine } from "../../core/contract/engine.ts";
import type { LetheErrorCode } from "../../core/contract/errors.ts";
import type { Region, SecretMemory } from "../../core/contract/memory.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { Repeat } from "../../core/globals.ts";
import { inBackground } from "../../core/in_background.ts";
import { attachSealing, detachSealing, type Registry } from "../../core/registry.ts";
import { tryAll } from "../../core/try_all.ts";
import { EnclaveSlots, type SlotOwner } from "./enclave_slots.ts";
import { KeyRing } from "./key_ring.ts";
import { type RekeyedStore, Rekeying } from "./rekeying.ts";
import { type Scratch, ScratchPool } from "./scratch.ts";
import { FORGED, type SessionKey } from "./session_key.ts";
import { generationOf, slotBytesFor, slotOf } from "./slots.ts";

/** What a store needs of the {@link Secrets} that it belongs to. */
export interface EnclaveStoreContext {
  readonly memory: SecretMemory;
  readonly engine: CryptoEngine;
  readonly registry: Registry;
  readonly repeat: Repeat;
  /** A region that has all that the secrets require. */
  allocate(byteLength: number): Region;
  make(byteLength: number, fill: (bytes: Uint8Array<ArrayBuffer>) => void): SecretBuffer;
}

/** How long the halves of a session key stay the same, in milliseconds. */
const SPLIT_TIME = 500;

/**
 * All enclaves of one {@link Secrets}: their slots, and the keys that they are under.
 *
 * - STORE-1: a session key lives only while an enclave does, and {@link SPLIT_TIME} beyond
 * - STORE-2: ciphertexts are counted; a count is used once, whatever the key, and makes the nonce
 * - STORE-3: the additional data of a ciphertext is the id of the enclave, so that it opens for no other,
 *   neither the one in another slot nor an earlier or later one in the same
 */
export class EnclaveStore implements SlotOwner, RekeyedStore {
  readonly #context: EnclaveStoreContext;
  readonly #slots = new Map<number, EnclaveSlots>();
  readonly #scratch: ScratchPool;
  readonly #additional: Uint8Array<ArrayBuffer> = offHeapBytes(ADDITIONAL_BYTES);
  readonly #words = new Uint32Array(this.#additional.buffer, 0, ADDITIONAL_BYTES / 4);
  readonly #rekeying: Rekeying;
  readonly #ring: KeyRing;
  #count = 0;
  #live = 0;
  #stopTimer: (() => void) | null = null;
  /** What the timer failed with last, told once: it would be the same twice a second. */
  #failure = "";

  constructor(context: EnclaveStoreContext) {
    this.#context = context;
    this.#scratch = new ScratchPool((byteLength) => context.allocate(byteLength));
    this.#ring = new KeyRing(context.memory, (byteLength) => context.allocate(byteLength));
    this.#rekeying = new Rekeying(this);
  }

  /** Enclaves that are not destroyed. */
  get live(): number {
    return this.#live;
  }

  /** Seals the bytes; the id names them in the slots for their length. */
  seal(message: Uint8Array): { readonly slots: EnclaveSlots; readonly id: number } {
    const key = this.#ring.newest ?? this.#firstKey();
    const slots = this.#slotsFor(message.length);
    const id = slots.take(message.length);
    let sealed = false;
    try {
      key.begin();
      try {
        this.encrypt(key, slots, id, message);
        sealed = true;
      } finally {
        key.end();
      }
    } finally {
      if (!sealed) slots.give(id);
    }
    this.#live += 1;
    return { slots, id };
  }

  /** The bytes of an enclave in a secret of their own. */
  unseal(slots: EnclaveSlots, id: number, byteLength: number): SecretBuffer {
    return this.#scratch.retrying(() =>
      this.#context.make(byteLength, (bytes) => this.#reveal(slots, id, bytes)),
    );
  }

  /** The bytes of an enclave in a region that is lent until {@link giveBack}. */
  lend(slots: EnclaveSlots, id: number, byteLength: number, holder: object): Scratch {
    const scratch = this.#scratch.lend(byteLength, slots, id, holder);
    try {
      this.#reveal(slots, id, scratch.region.view());
      return scratch;
    } catch (error) {
      this.#scratch.end(scratch);
      throw error;
    }
  }

  giveBack(scratch: Scratch): void {
    try {
      this.#scratch.end(scratch);
    } catch (error) {
      this.#attend();
      throw error;
    }
  }

  /** False when it was destroyed before. Scopes of it that are open lose their bytes now. */
  destroy(slots: EnclaveSlots, id: number): boolean {
    if (!slots.give(id)) return false;
    this.#live -= 1;
    if (this.#scratch.anyLent) this.#scratch.cut(slots, id);
    return true;
  }

  /** See {@link Enclaves.rekey}. */
  rekey(): Promise<void> {
    return this.#rekeying.run();
  }

  /** Ends every enclave. First the keys: with them goes all that is in the slots. */
  purge(): void {
    tryAll([
      () => this.#ring.clear(),
      () => this.#scratch.cut(),
      () => {
        for (const slots of this.#slots.values()) slots.drop();
        this.#slots.clear();
        this.#live = 0;
      },
      () => this.#rest(),
    ]);
  }

  raise(code: LetheErrorCode, message: string): never {
    return this.#context.registry.raise(code, message);
  }

  // For rekeying, between begin and end of the keys:

  get slotsOfAllSizes(): Iterable<EnclaveSlots> {
    return this.#slots.values();
  }

  /** The newest first. */
  get keys(): readonly SessionKey[] {
    return this.#ring.keys;
  }

  allocate(byteLength: number): Region {
    return this.#scratch.retrying(() => this.#context.allocate(byteLength));
  }

  /** A fresh key, for all that is sealed from now on. */
  addKey(): SessionKey {
    // A count of its own, so that no two keys begin at the same one even when nothing was sealed.
    this.#count += 1;
    const first = this.#count;
    return this.#scratch.retrying(() => this.#ring.add(first));
  }

  /** Ends the keys that no enclave is under any more. */
  dropKeysBefore(key: SessionKey): void {
    this.#ring.dropBefore(key);
  }

  /** Ends a fresh key, unless something was sealed under it or a purge ended it. */
  dropUnused(key: SessionKey): void {
    if (this.#ring.newest === key && this.#count === key.first) this.#ring.drop(key);
  }

  /** Takes back what {@link allocate} gave. */
  discard(region: Region): void {
    this.#scratch.discard(region);
  }

  encrypt(key: SessionKey, slots: EnclaveSlots, id: number, message: Uint8Array): void {
    const { engine } = this.#context;
    const sealed = slots.sealed(id, message.length);
    this.#count += 1;
    const additional = this.#additionalOf(slots, id, message.length);
    const salt = key.encrypt(engine, sealed, message, additional, this.#count);
    slots.setNonce(id, this.#count, salt);
  }

  decrypt(key: SessionKey, slots: EnclaveSlots, id: number, message: Uint8Array): boolean {
    const { engine } = this.#context;
    const sealed = slots.sealed(id, message.length);
    const additional = this.#additionalOf(slots, id, message.length);
    const [count, salt] = [slots.count(id), slots.salt(id)];
    return key.decrypt(engine, message, sealed, additional, count, salt);
  }

  /** The key that a ciphertext is under. */
  keyOf(count: number): SessionKey {
    return this.#ring.of(count);
  }

  #reveal(slots: EnclaveSlots, id: number, bytes: Uint8Array): void {
    const key = this.keyOf(slots.count(id));
    let authentic = false;
    key.begin();
    try {
      authentic = this.decrypt(key, slots, id, bytes);
    } finally {
      key.end();
    }
    if (!authentic) this.raise("ERR_LETHE_FORGED", FORGED);
  }

  #additionalOf(slots: EnclaveSlots, id: number, byteLength: number): Uint8Array<ArrayBuffer> {
    const words = this.#words;
    words[0] = slots.slotBytes;
    words[1] = slotOf(id);
    words[2] = generationOf(id);
    words[3] = byteLength;
    return this.#additional;
  }

  #slotsFor(byteLength: number): EnclaveSlots {
    const slotBytes = slotBytesFor(byteLength);
    return this.#slots.get(slotBytes) ?? this.#addSlots(slotBytes);
  }

  #addSlots(slotBytes: number): EnclaveSlots {
    const slots = new EnclaveSlots(this, slotBytes);
    this.#slots.set(slotBytes, slots);
    return slots;
  }

  #firstKey(): SessionKey {
    const key = this.addKey();
    this.#attend();
    return key;
  }

  /** There is something that a purge must find, or the timer try again. */
  #attend(): void {
    attachSealing(this.#context.registry, this);
    this.#stopTimer ??= this.#context.repeat(() => this.#keepUp(), SPLIT_TIME);
  }

  #keepUp(): void {
    const last = this.#failure;
    this.#failure = "";
    inBackground(
      () => this.#tick(),
      (code) => {
        this.#failure = code;
        return code === last ? null : `lethe: enclaves could not be kept up: ${code}; tried again`;
      },
    );
  }

  #tick(): void {
    for (const slots of this.#slots.values()) slots.trim();
    const idle = this.#live === 0 && !this.#rekeying.running && !this.#scratch.anyLent;
    tryAll([
      () => (idle ? this.#ring.clear() : this.#ring.settle()),
      () => this.#ring.split(),
      () => this.#scratch.trim(),
    ]);
    if (idle) this.#rest();
  }

  /** Without a key there is nothing to keep split, and nothing for a purge to find. */
  #rest(): void {
    this.#scratch.trim();
    if (!this.#ring.empty) return;
    this.#stopTimer?.();
    this.#stopTimer = null;
    detachSealing(this.#context.registry, this);
  }
}

const ADDITIONAL_BYTES = 16;
