import { type Guarantees, LetheError, type Protection, type Region } from "../../core/mod.ts";
import type { Slot } from "./slot.ts";

/** Bytes of the canary directly before the data. */
export const CANARY_BYTES = 16;

/** A lease of a {@link Slot}. Its data lies at the very end of the slot, its canary before it. */
export class SodiumRegion implements Region {
  readonly byteLength: number;
  readonly guarantees: Guarantees;
  readonly #slot: Slot;
  readonly #canary: Uint8Array;
  readonly #giveBack: (slot: Slot) => void;
  #view: Uint8Array<ArrayBuffer> | null = null;
  #laid = true;
  #clean = false;
  #damaged = false;

  /** @param slot open for writing and all zero; it is closed when the constructor returns */
  constructor(
    slot: Slot,
    byteLength: number,
    guarantees: Guarantees,
    canary: Uint8Array,
    giveBack: (slot: Slot) => void,
  ) {
    this.byteLength = byteLength;
    this.guarantees = guarantees;
    this.#slot = slot;
    this.#canary = canary;
    this.#giveBack = giveBack;
    new Uint8Array(slot.buffer).set(canary, this.#offset - CANARY_BYTES);
    slot.protect("no-access");
  }

  get #offset(): number {
    return this.#slot.byteLength - this.byteLength;
  }

  protect(protection: Protection): void {
    if (protection === "read-write") this.#clean = false;
    this.#slot.protect(protection);
  }

  view(): Uint8Array<ArrayBuffer> {
    this.#view ??= new Uint8Array(this.#slot.buffer, this.#offset, this.byteLength);
    return this.#view;
  }

  detach(): void {
    if (this.#view === null) return;
    this.#view = null;
    this.#slot.detach();
  }

  /** Wipes the slack too. The canary goes with it, so that it is read first. */
  wipe(): void {
    this.#damaged ||= this.#laid && !this.#intact();
    this.#laid = false;
    new Uint8Array(this.#slot.buffer).fill(0);
    this.#clean = isZero(this.#slot.buffer, this.#slot.byteLength);
    if (this.#clean) return;
    throw new LetheError("ERR_LETHE_WIPE", "Cannot wipe secret: a byte did not read back as zero");
  }

  /**
   * Wipes what was not wiped: a region that was refused before its use still has its canary. What
   * cannot be wiped and closed is not given back, so that no other secret finds it.
   */
  release(): void {
    if (!this.#clean) {
      this.detach();
      this.protect("read-write");
      this.wipe();
      this.protect("no-access");
    }
    this.#giveBack(this.#slot);
    if (!this.#damaged) return;
    throw new LetheError(
      "ERR_LETHE_CANARY",
      `Cannot release secret of ${this.byteLength} bytes as if nothing happened: something wrote before its first byte; it was wiped and released`,
    );
  }

  #intact(): boolean {
    const start = this.#offset - CANARY_BYTES;
    if (!isZero(this.#slot.buffer, start)) return false;
    const bytes = new Uint8Array(this.#slot.buffer, start, CANARY_BYTES);
    return bytes.every((byte, index) => byte === this.#canary[index]);
  }
}

/** Whether the first `end` bytes are zero. Reads words: most of a page is slack. */
function isZero(buffer: ArrayBuffer, end: number): boolean {
  const words = new Uint32Array(buffer, 0, end >>> 2);
  let seen = 0;
  for (let index = 0; index < words.length; index++) seen |= words[index] as number;
  for (const byte of new Uint8Array(buffer, words.byteLength, end & 3)) seen |= byte;
  return seen === 0;
}
