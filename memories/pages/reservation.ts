import type { Weakness } from "./backing.ts";
import type { Kernel } from "./kernel.ts";
import { reservationLength, slotOffset, slotsFor } from "./layout.ts";
import type { PlacedSlot, Placement } from "./placement.ts";

/** One stretch of address space without access, divided into slots that share guard pages. */
export class Reservation {
  readonly #kernel: Kernel;
  readonly #address: bigint;
  readonly #byteLength: number;
  readonly #slots: number;
  /** Slots without pages. The last one is the next to be used. */
  readonly vacant: PageSlot[] = [];

  constructor(kernel: Kernel, address: bigint, slotPages: number) {
    const { pageSize } = kernel;
    this.#kernel = kernel;
    this.#address = address;
    this.#slots = slotsFor(slotPages, pageSize);
    this.#byteLength = reservationLength(this.#slots, slotPages, pageSize);
    // Lowest first: regions that are allocated one after the other become neighbours.
    for (let index = this.#slots - 1; index >= 0; index--) {
      const start = address + BigInt(slotOffset(index, slotPages, pageSize));
      this.vacant.push(new PageSlot(this, start, slotPages * pageSize));
    }
  }

  /** A reservation for slots of so many pages, or null when the system refuses it. */
  static open(kernel: Kernel, slotPages: number): Reservation | null {
    const slots = slotsFor(slotPages, kernel.pageSize);
    const byteLength = reservationLength(slots, slotPages, kernel.pageSize);
    const address = kernel.reserve(byteLength);
    if (address === null) return null;
    kernel.ledger.add(address, byteLength);
    return new Reservation(kernel, address, slotPages);
  }

  /**
   * Gives the address space back, if none of it is in use. False: it is still there. A slot that was
   * lost or barred never becomes vacant, so that nothing around it is ever unmapped.
   */
  close(): boolean {
    if (this.vacant.length < this.#slots) return false;
    const { ledger } = this.#kernel;
    if (!ledger.remove(this.#address)) return false;
    if (this.#kernel.unmap(this.#address, this.#byteLength)) return true;
    ledger.add(this.#address, this.#byteLength);
    return false;
  }
}

/** Whole pages between two guard pages, for one region at a time. */
export class PageSlot implements PlacedSlot {
  readonly reservation: Reservation;
  readonly address: bigint;
  readonly byteLength: number;
  /** `byteLength` as the kernel takes it: made once, since protecting is what costs. */
  readonly size: bigint;
  /** What the pages lack, while there are pages. */
  weakness: Weakness | null = null;
  /** Whether these pages count as locked. */
  locked = false;
  /** Somebody can still address it, so that no other region may ever lie there. */
  barred = false;
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
