import { type Guarantees, LetheError, type Protection, type Region } from "../../core/mod.ts";
import { isZero } from "./is_zero.ts";
import type { SodiumSlot } from "./slot.ts";

/** Bytes of the canary directly before the data. */
export const CANARY_BYTES = 16;

/**
 * A lease of a {@link SodiumSlot}. Its data lies at the very end of the slot, its canary before it, written
 * when the pages open for the first time, so that allocating takes no system call.
 */
export class SodiumRegion implements Region {
  readonly byteLength: number;
  readonly guarantees: Guarantees;
  readonly #slot: SodiumSlot;
  /** Of the first byte of the data in its slot. */
  readonly #offset: number;
  readonly #canary: Uint8Array;
  readonly #giveBack: (slot: SodiumSlot) => void;
  #view: Uint8Array<ArrayBuffer> | null = null;
  /** Never opened: all zero, and without a canary. */
  #fresh = true;
  #laid = false;
  #clean = true;
  #damaged = false;

  /** @param slot closed and all zero */
  constructor(
    slot: SodiumSlot,
    byteLength: number,
    guarantees: Guarantees,
    canary: Uint8Array,
    giveBack: (slot: SodiumSlot) => void,
  ) {
    this.byteLength = byteLength;
    this.guarantees = guarantees;
    this.#slot = slot;
    this.#offset = slot.byteLength - byteLength;
    this.#canary = canary;
    this.#giveBack = giveBack;
  }

  protect(protection: Protection): void {
    if (this.#fresh && protection !== "no-access") this.#lay();
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
   * Wipes what was not wiped: a region may be given up before its secret was. What cannot be wiped and
   * closed is not given back, so that no other secret finds it.
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
      `Canary of secret of ${this.byteLength} bytes is damaged: something wrote just before its first byte; the secret was wiped and released`,
    );
  }

  #lay(): void {
    this.#slot.protect("read-write");
    this.#fresh = false;
    this.#laid = true;
    this.#clean = false;
    new Uint8Array(this.#slot.buffer).set(this.#canary, this.#offset - CANARY_BYTES);
  }

  #intact(): boolean {
    const start = this.#offset - CANARY_BYTES;
    if (!isZero(this.#slot.buffer, start)) return false;
    const bytes = new Uint8Array(this.#slot.buffer, start, CANARY_BYTES);
    return bytes.every((byte, index) => byte === this.#canary[index]);
  }
}
