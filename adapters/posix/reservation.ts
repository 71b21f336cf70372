import type { Weakness } from "./backing.ts";
import type { Kernel } from "./kernel.ts";
import { reservationLength, slotOffset, slotsFor } from "./layout.ts";
import type { Placement } from "./placement.ts";

/** One stretch of address space without access, divided into slots that share guard pages. */
export class Reservation {
  readonly #kernel: Kernel;
  readonly #address: bigint;
  readonly #byteLength: number;
  readonly #slots: number;
  /** Slots without pages. The last one is the next to be used. */
  readonly vacant: Slot[] = [];
  /** An address in it may be in other hands, so that it must never be unmapped. */
  pinned = false;

  constructor(kernel: Kernel, address: bigint, slotPages: number) {
    const { pageSize } = kernel;
    this.#kernel = kernel;
    this.#address = address;
    this.#slots = slotsFor(slotPages, pageSize);
    this.#byteLength = reservationLength(this.#slots, slotPages, pageSize);
    // Lowest first: regions that are allocated one after the other become neighbours.
    for (let index = this.#slots - 1; index >= 0; index--) {
      const start = address + BigInt(slotOffset(index, slotPages, pageSize));
      this.vacant.push(new Slot(this, start, slotPages * pageSize));
    }
  }

  /** A reservation for slots of so many pages, or null when the system refuses it. */
  static open(kernel: Kernel, slotPages: number): Reservation | null {
    const slots = slotsFor(slotPages, kernel.pageSize);
    const address = kernel.reserve(reservationLength(slots, slotPages, kernel.pageSize));
    return address === null ? null : new Reservation(kernel, address, slotPages);
  }

  /** Gives the address space back, if none of it is in use. False: it is still there. */
  close(): boolean {
    if (this.pinned || this.vacant.length < this.#slots) return false;
    return this.#kernel.unmap(this.#address, this.#byteLength);
  }
}

/** Whole pages between two guard pages, for one region at a time. */
export class Slot {
  readonly reservation: Reservation;
  readonly address: bigint;
  readonly byteLength: number;
  /** `byteLength` as the kernel takes it: made once, since protecting is what costs. */
  readonly size: bigint;
  /** What the pages lack, while there are pages. */
  weakness: Weakness | null = null;
  /** Whether these pages count as locked. */
  locked = false;
  /** Where the last region lay. The next one of the same length lies in the same place. */
  placement: Placement | null = null;
  /** Whose canary is in the pages. */
  marked: Placement | null = null;

  constructor(reservation: Reservation, address: bigint, byteLength: number) {
    this.reservation = reservation;
    this.address = address;
    this.byteLength = byteLength;
    this.size = BigInt(byteLength);
  }
}
