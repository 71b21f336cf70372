import { has } from "../../core/arguments/own.ts";
import { LetheError } from "../../core/contract/errors.ts";
import type { Capacity } from "../../core/contract/memory.ts";
import { afterIdly, type Later } from "../../system/timers.ts";
import type { Backing, Refusal } from "./backing.ts";
import type { Kernel } from "./kernel.ts";
import { pagesFor } from "./layout.ts";
import type { PageSlot } from "./reservation.ts";
import { Shelf } from "./shelf.ts";

/** Slots given back in one turn of the event loop, and milliseconds until the next. */
const MOST_AT_ONCE = 64;
const PAUSE = 10;

/** A slot costs its own mapping and that of one of the guards around it. */
const MAPPINGS_PER_SLOT = 2;

/**
 * Slots of a memory. A slot that comes back is kept, locked and without access, for the next region
 * of its size: a steady state makes no mmap, munmap or mlock.
 *
 * - POOL-1: at most `idleLength` bytes are kept; what exceeds them goes back to the system at once
 * - POOL-2: idle slots of other sizes go back before a region is refused or left unlocked
 * - POOL-3: a slot with a weakness is not kept, so that the next one is tried afresh
 * - POOL-4: an address that may be in other hands is never used again, changed or unmapped. Where a
 *   refusal leaves that open, the slot is kept, and looked at again by each trim
 * - POOL-5: what nobody needed for a second or two goes back to the system, at the latest when the event loop
 *   turns next; without that the last secret would leave pages for good, and while there is a page of
 *   memfd_secret(2) the machine cannot hibernate
 */
export class Pool {
  readonly #kernel: Kernel;
  readonly #backing: Backing;
  readonly #idleLength: number;
  readonly #shelves = new Map<number, Shelf>();
  /** Slots that the system did not take back, or of which nobody could tell whose they are. */
  readonly #stuck: PageSlot[] = [];
  #idleBytes = 0;
  readonly #idleTime: number;
  #timer: Later | null = null;

  constructor(kernel: Kernel, backing: Backing, idleLength: number, idleTime: number) {
    this.#kernel = kernel;
    this.#backing = backing;
    this.#idleLength = idleLength;
    this.#idleTime = idleTime;
  }

  /** @throws {LetheError} `ERR_LETHE_EXHAUSTED`, `ERR_LETHE_PROTECT` */
  take(byteLength: number): PageSlot {
    const shelf = this.#shelf(pagesFor(byteLength, this.#kernel.pageSize));
    const slot = shelf.pop();
    if (slot === undefined) return this.#commit(shelf, byteLength);
    this.#idleBytes -= slot.byteLength;
    return slot;
  }

  /** Takes back a slot that is wiped and without access. */
  put(slot: PageSlot): void {
    if (slot.weakness !== null || this.#idleBytes + slot.byteLength > this.#idleLength) {
      this.discard(slot);
      return;
    }
    this.#idleBytes += slot.byteLength;
    this.#shelfOf(slot).push(slot);
    if (this.#timer === null) this.#beginPeriod();
  }

  /** Gives the pages of a slot back to the system, whatever is in them. They are ours for sure. */
  discard(slot: PageSlot): void {
    if (this.#kernel.replace(slot.address, slot.size)) this.#vacate(slot);
    else if (this.#isStillThere(slot)) this.#stuck.push(slot);
  }

  /** As {@link discard}, for a slot that somebody can still address: a touch must fault for good. */
  quarantine(slot: PageSlot): void {
    slot.barred = true;
    this.discard(slot);
  }

  /** Gives everything idle back to the system, and what it refused to take earlier. */
  trim(): void {
    for (const slot of this.#stuck.splice(0)) {
      if (this.#isStillThere(slot)) this.discard(slot);
    }
    const idle = [...this.#shelves.values()].flatMap((shelf) => shelf.takeIdle());
    this.#idleBytes = 0;
    this.#timer?.stop();
    this.#timer = null;
    for (const slot of idle) this.discard(slot);
    for (const shelf of this.#shelves.values()) this.#kernel.limits.mappings.give(shelf.trim());
  }

  /** See {@link Capacity}. A forecast: the rest of the process takes from the same limits. */
  capacity(byteLength: number): Capacity {
    const { limits, pageSize } = this.#kernel;
    const { idle, slotLength, slotsPerReservation } = this.#shelf(pagesFor(byteLength, pageSize));
    const otherIdle = this.#idleBytes - idle * slotLength;
    const lockable = Math.floor((limits.locks.room() + otherIdle) / slotLength);
    const perSlot = MAPPINGS_PER_SLOT + 1 / slotsPerReservation;
    const mappable = Math.floor(limits.mappings.room() / perSlot);
    const more = this.#backing.needsLock ? Math.min(lockable, mappable) : mappable;
    return { regions: idle + more, locked: idle + Math.min(more, lockable) };
  }

  #beginPeriod(): void {
    for (const shelf of this.#shelves.values()) shelf.beginPeriod();
    this.#timer = afterIdly(() => this.#giveBack(), this.#idleTime);
  }

  /** Gives back what nobody needed for a period, some at a time, since each costs some microseconds. */
  #giveBack(): void {
    this.#timer = null;
    let most = MOST_AT_ONCE;
    for (const shelf of this.#shelves.values()) {
      for (const slot of shelf.takeUnneeded(most)) {
        most--;
        this.#idleBytes -= slot.byteLength;
        this.discard(slot);
      }
    }
    if (most === 0) this.#timer = afterIdly(() => this.#giveBack(), PAUSE);
    else if (this.#idleBytes > 0) this.#beginPeriod();
  }

  #commit(shelf: Shelf, byteLength: number): PageSlot {
    const kernel = this.#kernel;
    const slot = this.#vacancy(shelf, byteLength);
    slot.locked = this.#grant(() => kernel.limits.takeLock(slot.byteLength));
    if (!slot.locked && this.#backing.needsLock) {
      this.#vacate(slot);
      throw exhausted(byteLength, kernel.limits.explainLocks());
    }
    const result = this.#backing.commit(kernel, slot.address, slot.size, slot.locked);
    if (has(result, "failed")) {
      if (result.failed === "protect") this.discard(slot);
      else if (this.#isStillThere(slot)) this.#stuck.push(slot);
      throw refused(byteLength, result);
    }
    slot.weakness = result.weakness;
    if (slot.locked && result.weakness?.locked !== undefined) {
      slot.locked = false;
      kernel.limits.lockWasRefused(slot.byteLength);
    }
    return slot;
  }

  /**
   * After a mapping was refused, now or earlier. True: the pages are there and ours, and closed if
   * they can be. What cannot be told now is kept for the next trim.
   */
  #isStillThere(slot: PageSlot): boolean {
    const state = this.#kernel.inspect(slot.address, slot.size);
    if (state === "vacant") this.#vacate(slot);
    if (state === "unclear") this.#stuck.push(slot);
    if (state === "ours") this.#kernel.protect(slot.address, slot.size, "no-access");
    return state === "ours";
  }

  #vacancy(shelf: Shelf, byteLength: number): PageSlot {
    const { limits } = this.#kernel;
    let mappings = MAPPINGS_PER_SLOT;
    const ask = () => {
      mappings = MAPPINGS_PER_SLOT + (shelf.hasVacancy ? 0 : 1);
      return limits.mappings.take(mappings);
    };
    if (!this.#grant(ask)) {
      throw exhausted(byteLength, limits.explainMappings());
    }
    const slot = shelf.vacancy();
    if (slot !== null) return slot;
    const reason = this.#kernel.explain("mmap");
    limits.mappings.give(mappings);
    throw exhausted(byteLength, reason);
  }

  #vacate(slot: PageSlot): void {
    this.#giveBudget(slot);
    if (slot.barred) return;
    slot.placement = null;
    slot.marked = null;
    slot.weakness = null;
    if (this.#shelfOf(slot).vacate(slot)) this.#kernel.limits.mappings.give(1);
  }

  #giveBudget(slot: PageSlot): void {
    const { limits } = this.#kernel;
    limits.mappings.give(MAPPINGS_PER_SLOT);
    if (slot.locked) limits.giveLock(slot.byteLength);
    slot.locked = false;
  }

  #grant(ask: () => boolean): boolean {
    if (ask()) return true;
    if (this.#idleBytes === 0 && this.#stuck.length === 0) return false;
    this.trim();
    return ask();
  }

  #shelfOf(slot: PageSlot): Shelf {
    return this.#shelf(slot.byteLength / this.#kernel.pageSize);
  }

  #shelf(pages: number): Shelf {
    const known = this.#shelves.get(pages);
    if (known !== undefined) return known;
    const shelf = new Shelf(this.#kernel, pages);
    this.#shelves.set(pages, shelf);
    return shelf;
  }
}

function refused(byteLength: number, { failed, reason }: Refusal): LetheError {
  if (failed === "exhausted") return exhausted(byteLength, reason);
  return new LetheError("ERR_LETHE_PROTECT", `Cannot allocate ${byteLength} bytes: ${reason}`);
}

function exhausted(byteLength: number, why: string): LetheError {
  return new LetheError("ERR_LETHE_EXHAUSTED", `Cannot allocate ${byteLength} bytes: ${why}`);
}
