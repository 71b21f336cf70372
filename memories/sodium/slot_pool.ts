import type { SodiumAllocator } from "../../system/sodium_native/sodium_native.ts";
import { afterIdly } from "../../system/timers.ts";
import { attestSlots } from "./attest_slots.ts";
import type { Kernel } from "./kernel.ts";
import { SodiumSlot } from "./slot.ts";
import { SlotBudget } from "./slot_budget.ts";

/** Pages made at once: enough that asking the kernel, which costs some ms, stays rare. */
const SMALLEST_BATCH = 4;
const LARGEST_BATCH = 1024;
/** Idle pages that are kept for reuse, beyond a quarter of all. */
const IDLE_PAGES = 64;
/** How long more idle pages than that may stay, in milliseconds. */
const IDLE_TIME = 1000;
/** Slots given back in one turn of the event loop, some 25 µs each, and the pause between turns. */
const LARGEST_TRIM = 128;
const TRIM_PAUSE = 10;

/**
 * Slots by their number of pages, reused so that a steady state makes no mapping and no lock.
 *
 * `sodium_free` gives memory back only when the event loop turns, so a loop of allocations and
 * frees would pile up mappings until the process aborts. Here a destroyed slot can be taken again at
 * once, and what stays idle is given back on a timer, which by its nature runs when the loop turns
 * and does not keep the process alive.
 *
 * Each new slot is attested: libsodium ignores a failing mlock(2), the kernel's tables do not lie.
 */
export class SlotPool {
  readonly pageSize: number;
  readonly #sodium: SodiumAllocator;
  readonly #kernel: Kernel | null;
  readonly #budget: SlotBudget;
  readonly #idle = new Map<number, SodiumSlot[]>();
  readonly #made = new Map<number, number>();
  /** Slots about which the kernel gave no answer: it is asked again when they are taken. */
  readonly #unanswered = new WeakSet<SodiumSlot>();
  #idlePages = 0;
  #allPages = 0;
  #trimming = false;
  #emptying = false;

  /** @param kernel `null` where there is none to ask; then nothing is attested */
  constructor(sodium: SodiumAllocator, kernel: Kernel | null, pageSize: number) {
    this.#sodium = sodium;
    this.#kernel = kernel;
    this.#budget = new SlotBudget(kernel, pageSize);
    this.pageSize = pageSize;
  }

  /**
   * A slot of `pages` pages, all zero and closed.
   *
   * @throws {LetheError} `ERR_LETHE_EXHAUSTED` near vm.max_map_count, or short of memory; nothing is
   * made then
   */
  take(pages: number): SodiumSlot {
    const idle = this.#idle.get(pages) ?? this.#shelf(pages);
    if (idle.length === 0) this.#grow(pages, idle);
    const slot = idle.pop() as SodiumSlot;
    this.#idlePages -= pages;
    try {
      if (this.#unanswered.has(slot)) this.#attestAgain(slot);
      slot.protect("no-access");
    } catch (error) {
      this.give(slot);
      throw error;
    }
    return slot;
  }

  /** Takes back a slot, wiped and closed. */
  give(slot: SodiumSlot): void {
    const idle = this.#idle.get(slot.pages) ?? this.#shelf(slot.pages);
    // Locked ones on top: they are taken first.
    if (!slot.locked) idle.unshift(slot);
    else idle.push(slot);
    this.#idlePages += slot.pages;
    if (this.#excess > 0 && !this.#trimming) this.#trimIn(IDLE_TIME);
  }

  /** Gives back all that is idle, once the event loop turns. What is taken until then is not. */
  empty(): void {
    this.#emptying = true;
    if (!this.#trimming) this.#trimIn(0);
  }

  get #excess(): number {
    return this.#emptying ? this.#idlePages : this.#idlePages - IDLE_PAGES - this.#allPages / 4;
  }

  #trimIn(time: number): void {
    this.#trimming = true;
    afterIdly(() => this.#trim(), time);
  }

  #trim(): void {
    this.#trimming = false;
    let rest = LARGEST_TRIM;
    for (const idle of this.#idle.values()) {
      while (this.#excess > 0 && idle.length > 0 && rest-- > 0)
        this.#free(idle.shift() as SodiumSlot);
    }
    if (this.#excess > 0) this.#trimIn(TRIM_PAUSE);
    else this.#emptying = false;
  }

  #shelf(pages: number): SodiumSlot[] {
    const idle: SodiumSlot[] = [];
    this.#idle.set(pages, idle);
    return idle;
  }

  /** Adds at least one slot to `idle`. What fails on the way loses none that was made. */
  #grow(pages: number, idle: SodiumSlot[]): void {
    const batch = this.#budget.grant(this.#batch(pages), pages);
    const slots: SodiumSlot[] = [];
    try {
      while (slots.length < batch) {
        slots.push(new SodiumSlot(this.#sodium, pages, this.#slotBytes(pages), this.#budget));
      }
    } catch (error) {
      if (slots.length === 0) throw error;
    }
    this.#count(slots.length, pages);
    this.#idlePages += slots.length * pages;
    this.#attest(slots);
    slots.sort((left, right) => Number(left.locked) - Number(right.locked));
    idle.push(...slots);
    for (const slot of slots) slot.protect("no-access");
  }

  /** A quarter of what there is: the cost of asking the kernel stays linear in all. */
  #batch(pages: number): number {
    const quarter = Math.ceil((this.#made.get(pages) ?? 0) / 4) * pages;
    const batch = Math.min(LARGEST_BATCH, Math.max(SMALLEST_BATCH, quarter));
    return Math.max(1, Math.floor(batch / pages));
  }

  /** Without an answer the slots stay unattested, and claim nothing. */
  #attest(slots: readonly SodiumSlot[]): void {
    if (this.#kernel === null) return;
    try {
      attestSlots(slots, this.#kernel, this.pageSize);
    } catch {
      for (const slot of slots) if (slot.attestation === null) this.#unanswered.add(slot);
    }
  }

  #attestAgain(slot: SodiumSlot): void {
    slot.protect("read-write");
    this.#unanswered.delete(slot);
    this.#attest([slot]);
  }

  /** sodium_malloc puts 16 bytes of its own before the data and rounds up to whole pages. */
  #slotBytes(pages: number): number {
    return pages * this.pageSize - SODIUM_CANARY_BYTES;
  }

  #count(slots: number, pages: number): void {
    this.#budget.add(slots);
    this.#allPages += slots * pages;
    this.#made.set(pages, (this.#made.get(pages) ?? 0) + slots);
  }

  #free(slot: SodiumSlot): void {
    this.#count(-1, slot.pages);
    this.#idlePages -= slot.pages;
    slot.free();
  }
}

/** `CANARY_SIZE` of libsodium's utils.c. */
export const SODIUM_CANARY_BYTES = 16;
