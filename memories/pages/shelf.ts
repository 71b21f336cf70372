import type { Kernel } from "./kernel.ts";
import { slotsFor } from "./layout.ts";
import { type PageSlot, Reservation } from "./reservation.ts";

/** Slots of one size: those that have pages and no region, and address space for more. */
export class Shelf {
  readonly slotLength: number;
  /** With pages, wiped, without access. The last one is the next to be used: it is in the cache. */
  readonly #idle: PageSlot[] = [];
  /** The fewest that were idle at once since {@link beginPeriod}: so many nobody needed. */
  #fewest = 0;
  readonly #kernel: Kernel;
  readonly #pages: number;
  /** Reservations with a vacant slot. */
  readonly #open = new Set<Reservation>();

  constructor(kernel: Kernel, pages: number) {
    this.#kernel = kernel;
    this.#pages = pages;
    this.slotLength = pages * kernel.pageSize;
  }

  /** Slots that share the one mapping of a reservation. */
  get slotsPerReservation(): number {
    return slotsFor(this.#pages, this.#kernel.pageSize);
  }

  /** Whether {@link vacancy} needs no new reservation. */
  get hasVacancy(): boolean {
    return this.#open.size > 0;
  }

  /** Slots that have pages and no region. */
  get idle(): number {
    return this.#idle.length;
  }

  /** Takes an idle slot, if there is one. */
  pop(): PageSlot | undefined {
    const slot = this.#idle.pop();
    if (this.#idle.length < this.#fewest) this.#fewest = this.#idle.length;
    return slot;
  }

  /** Keeps a slot that is wiped and without access. */
  push(slot: PageSlot): void {
    this.#idle.push(slot);
  }

  /** From here on it is counted which idle slots nobody needs. */
  beginPeriod(): void {
    this.#fewest = this.#idle.length;
  }

  /** Takes out slots that nobody needed in this period, at most so many, the oldest first. */
  takeUnneeded(most: number): readonly PageSlot[] {
    const slots = this.#idle.splice(0, Math.min(most, this.#fewest));
    this.#fewest -= slots.length;
    return slots;
  }

  /** Takes out all idle slots. */
  takeIdle(): readonly PageSlot[] {
    return this.#idle.splice(0);
  }

  /** A slot without pages, or null when the system refuses address space for it. */
  vacancy(): PageSlot | null {
    for (const reservation of this.#open) return this.#first(reservation);
    const reservation = Reservation.open(this.#kernel, this.#pages);
    return reservation === null ? null : this.#first(reservation);
  }

  /** Takes back a slot that has no pages any more. True: its reservation went with it. */
  vacate(slot: PageSlot): boolean {
    slot.reservation.vacant.push(slot);
    this.#open.add(slot.reservation);
    return this.#close(slot.reservation);
  }

  /** Gives back the reservations that the system refused to take earlier. Returns how many. */
  trim(): number {
    return [...this.#open].filter((reservation) => this.#close(reservation)).length;
  }

  #first(reservation: Reservation): PageSlot | null {
    const slot = reservation.vacant.pop() ?? null;
    if (reservation.vacant.length > 0) this.#open.add(reservation);
    else this.#open.delete(reservation);
    return slot;
  }

  #close(reservation: Reservation): boolean {
    if (!reservation.close()) return false;
    this.#open.delete(reservation);
    return true;
  }
}
