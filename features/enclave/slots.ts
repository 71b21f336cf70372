import { LetheError } from "../../core/contract/errors.ts";
import { TAG_BYTES } from "../../core/contract/sizes.ts";
import type { Salt } from "./session_key.ts";

const SLAB_BYTES: number = 2 ** 18;
/** Slots of one size. With their generation they make a safe integer. */
const MOST_SLOTS: number = 2 ** 26;
/** A slot that was used so often is not used again, so that no two uses have the same id. */
const LAST_GENERATION: number = 2 ** 26 - 1;
const NONE = -1;

interface Slab {
  /** Empty while the only slot of the slab is free, but for one that is kept until {@link Slots.trim}. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Odd: the slot is in use. */
  readonly generations: Uint32Array<ArrayBuffer>;
  readonly lengths: Uint32Array<ArrayBuffer>;
  /** The count in the nonce of a used slot; the next free slot of a free one. */
  readonly counts: Float64Array<ArrayBuffer>;
  /** What else is in the nonce of a used slot: two words each. */
  readonly salts: Uint32Array<ArrayBuffer>;
}

/** Bytes of the slot that holds a secret of `byteLength` bytes: at most an eighth more than it takes. */
export function slotBytesFor(byteLength: number): number {
  const taken = byteLength + TAG_BYTES;
  const step = Math.max(16, 2 ** (28 - Math.clz32(taken - 1)));
  return Math.ceil(taken / step) * step;
}

/**
 * Slots of one size in slabs of ordinary memory, each with a ciphertext and its tag.
 *
 * - SLOT-1: an id names one use of one slot; once that ended, it never names anything again
 * - SLOT-2: what a slot held is overwritten when its use ends
 * - SLOT-3: 24 bytes of book-keeping a slot, in arrays beside the slab; nothing on the collected heap
 */
export class Slots {
  readonly slotBytes: number;
  readonly #perSlab: number;
  #slabs: Slab[] = [];
  #free = NONE;
  /** A free slab of one slot that has its bytes still: faulting in a mebibyte takes as long as sealing. */
  #kept: Slab | null = null;
  /** Slots that were ever used. */
  #made = 0;

  constructor(slotBytes: number) {
    this.slotBytes = slotBytes;
    this.#perSlab = Math.max(1, Math.floor(SLAB_BYTES / slotBytes));
  }

  /** Slots that were ever used, all below this number. */
  get end(): number {
    return this.#made;
  }

  /** @throws {LetheError} `ERR_LETHE_EXHAUSTED` without memory for one more slab */
  take(byteLength: number): number {
    const slot = this.#free === NONE ? this.#grow() : this.#free;
    const slab = this.#slabOf(slot);
    const at = slot % this.#perSlab;
    if (slab === this.#kept) this.#kept = null;
    if (slab.bytes.length === 0) slab.bytes = newBytes(this.slotBytes);
    if (slot === this.#free) this.#free = slab.counts[at] as number;
    const generation = (slab.generations[at] as number) + 1;
    slab.generations[at] = generation;
    slab.lengths[at] = byteLength;
    slab.counts[at] = 0;
    return generation * MOST_SLOTS + slot;
  }

  /** Whether `id` still names a slot. */
  has(id: number): boolean {
    const slot = slotOf(id);
    if (slot >= this.#made) return false;
    return this.#slabOf(slot).generations[slot % this.#perSlab] === generationOf(id);
  }

  /** Ends the use of a slot. False when it had ended before. */
  give(id: number): boolean {
    if (!this.has(id)) return false;
    const slot = slotOf(id);
    const slab = this.#slabOf(slot);
    const at = slot % this.#perSlab;
    slab.bytes.fill(0, at * this.slotBytes, (at + 1) * this.slotBytes);
    if (this.#perSlab === 1) this.#keep(slab);
    slab.lengths[at] = 0;
    slab.generations[at] = generationOf(id) + 1;
    if (generationOf(id) >= LAST_GENERATION) return true;
    slab.counts[at] = this.#free;
    this.#free = slot;
    return true;
  }

  /** The ciphertext and tag of a secret of `byteLength` bytes. */
  sealed(id: number, byteLength: number): Uint8Array<ArrayBuffer> {
    const slot = slotOf(id);
    const start = (slot % this.#perSlab) * this.slotBytes;
    return new Uint8Array(this.#slabOf(slot).bytes.buffer, start, byteLength + TAG_BYTES);
  }

  count(id: number): number {
    const slot = slotOf(id);
    return this.#slabOf(slot).counts[slot % this.#perSlab] as number;
  }

  salt(id: number): Salt {
    const slot = slotOf(id);
    const { salts } = this.#slabOf(slot);
    const at = 2 * (slot % this.#perSlab);
    return [salts[at] as number, salts[at + 1] as number];
  }

  setNonce(id: number, count: number, [low, high]: Salt): void {
    const slot = slotOf(id);
    const { counts, salts } = this.#slabOf(slot);
    const at = slot % this.#perSlab;
    counts[at] = count;
    salts[2 * at] = low;
    salts[2 * at + 1] = high;
  }

  /** The id of the present use of a slot below {@link end}, or null. */
  idAt(slot: number): number | null {
    const generation = this.#slabOf(slot).generations[slot % this.#perSlab] as number;
    return generation % 2 === 1 ? generation * MOST_SLOTS + slot : null;
  }

  /** Length of the secret in a used slot. */
  lengthAt(slot: number): number {
    return this.#slabOf(slot).lengths[slot % this.#perSlab] as number;
  }

  /** Gives up the bytes that no enclave uses. */
  trim(): void {
    if (this.#kept !== null) this.#kept.bytes = NO_BYTES;
    this.#kept = null;
  }

  /** Forgets all slabs. No id names anything any more. */
  drop(): void {
    this.#kept = null;
    this.#slabs = [];
    this.#free = NONE;
    this.#made = 0;
  }

  /** The last one given back is the first to be taken. */
  #keep(slab: Slab): void {
    this.trim();
    this.#kept = slab;
  }

  #slabOf(slot: number): Slab {
    return this.#slabs[Math.floor(slot / this.#perSlab)] as Slab;
  }

  #grow(): number {
    if (this.#made === this.#slabs.length * this.#perSlab) {
      if (this.#made + this.#perSlab > MOST_SLOTS) throw exhausted(this.slotBytes);
      this.#slabs.push(newSlab(this.#perSlab, this.slotBytes));
    }
    this.#made += 1;
    return this.#made - 1;
  }
}

/** Which slot an id names. */
export function slotOf(id: number): number {
  return id % MOST_SLOTS;
}

/** Which use of the slot an id names. */
export function generationOf(id: number): number {
  return Math.floor(id / MOST_SLOTS);
}

const NO_BYTES: Uint8Array<ArrayBuffer> = new Uint8Array(new ArrayBuffer(0));

function newSlab(slots: number, slotBytes: number): Slab {
  return {
    bytes: newBytes(slots * slotBytes),
    generations: new Uint32Array(slots),
    lengths: new Uint32Array(slots),
    counts: new Float64Array(slots),
    salts: new Uint32Array(2 * slots),
  };
}

function newBytes(byteLength: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(new ArrayBuffer(byteLength));
  } catch {
    throw exhausted(byteLength);
  }
}

function exhausted(byteLength: number): LetheError {
  return new LetheError(
    "ERR_LETHE_EXHAUSTED",
    `Cannot seal secret: there is no room for a slab of ${byteLength} bytes; destroy enclaves or give the process more memory`,
  );
}
