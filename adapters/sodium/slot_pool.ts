import { setTimeout } from "node:timers";
import { LetheError } from "../../core/mod.ts";
import { attestSlots } from "./attest_slots.ts";
import type { Kernel } from "./mappings.ts";
import { Slot } from "./slot.ts";
import type { SodiumNative } from "./sodium_native.ts";

/** Mappings that one `sodium_malloc` takes: header, two guards and the data between them. */
export const MAPPINGS_PER_SLOT = 4;

/** The part of `vm.max_map_count` that is left to the rest of the process. */
export const RESERVED_PART = 0.2;

/** Slots made at once: enough that asking the kernel, which costs some ms, stays rare. */
const SMALLEST_BATCH = 4;
const LARGEST_BATCH = 1024;
/** Idle pages that are kept for reuse, beyond a quarter of all. */
const IDLE_PAGES = 64;
/** How long more idle pages than that may stay, in milliseconds. */
const IDLE_TIME = 1000;

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
  readonly #sodium: SodiumNative;
  readonly #kernel: Kernel | null;
  readonly #idle = new Map<number, Slot[]>();
  readonly #made = new Map<number, number>();
  readonly #known = new Set<number>();
  #slots = 0;
  #idlePages = 0;
  #allPages = 0;
  #mappings = 0;
  #trimming = false;
  #limit = Number.POSITIVE_INFINITY;

  /** @param kernel `null` where there is none to ask; then nothing is attested and no limit known */
  constructor(sodium: SodiumNative, kernel: Kernel | null, pageSize: number) {
    this.#sodium = sodium;
    this.#kernel = kernel;
    this.pageSize = pageSize;
    if (kernel === null) return;
    this.#limit = Math.floor(kernel.maxMapCount() * (1 - RESERVED_PART));
    this.#mappings = kernel.maps().length;
  }

  /**
   * A slot of `pages` pages, all zero and open for writing.
   *
   * @throws {LetheError} `ERR_LETHE_EXHAUSTED` near vm.max_map_count; nothing is made then
   */
  take(pages: number): Slot {
    const idle = this.#idle.get(pages) ?? this.#shelf(pages);
    if (idle.length === 0) this.#grow(pages, idle);
    const slot = idle.pop() as Slot;
    this.#idlePages -= pages;
    try {
      slot.protect("read-write");
    } catch (error) {
      this.give(slot);
      throw error;
    }
    return slot;
  }

  /** Takes back a slot, wiped and closed. */
  give(slot: Slot): void {
    const idle = this.#idle.get(slot.pages) ?? this.#shelf(slot.pages);
    // Locked ones on top: they are taken first.
    if (!slot.locked) idle.unshift(slot);
    else idle.push(slot);
    this.#idlePages += slot.pages;
    if (this.#excess > 0 && !this.#trimming) {
      this.#trimming = true;
      setTimeout(() => this.#trim(), IDLE_TIME).unref();
    }
  }

  get #excess(): number {
    return this.#idlePages - IDLE_PAGES - this.#allPages / 4;
  }

  #trim(): void {
    this.#trimming = false;
    for (const idle of this.#idle.values()) {
      while (this.#excess > 0 && idle.length > 0) this.#free(idle.shift() as Slot);
    }
  }

  #shelf(pages: number): Slot[] {
    const idle: Slot[] = [];
    this.#idle.set(pages, idle);
    return idle;
  }

  #grow(pages: number, idle: Slot[]): void {
    const batch = this.#affordable(this.#batch(pages), pages);
    const slots: Slot[] = [];
    for (let count = 0; count < batch; count++) {
      slots.push(new Slot(this.#sodium, pages, this.#slotBytes(pages)));
    }
    this.#made.set(pages, (this.#made.get(pages) ?? 0) + batch);
    this.#slots += batch;
    this.#allPages += batch * pages;
    this.#idlePages += batch * pages;
    this.#mappings += batch * MAPPINGS_PER_SLOT;
    this.#attest(slots);
    for (const slot of slots) slot.protect("no-access");
    slots.sort((left, right) => Number(left.locked) - Number(right.locked));
    idle.push(...slots);
  }

  /** A quarter of what there is: the cost of asking the kernel stays linear in all. */
  #batch(pages: number): number {
    if (pages > 1) return 1;
    const quarter = Math.ceil((this.#made.get(pages) ?? 0) / 4);
    return Math.min(LARGEST_BATCH, Math.max(SMALLEST_BATCH, quarter));
  }

  /** Without an answer the slots stay unattested, and claim nothing. */
  #attest(slots: readonly Slot[]): void {
    if (this.#kernel === null) return;
    try {
      this.#mappings = attestSlots(slots, this.#kernel, this.#known, this.pageSize);
    } catch (error) {
      if (error instanceof LetheError) throw error;
    }
  }

  #affordable(batch: number, pages: number): number {
    const fits = (): number => Math.floor((this.#limit - this.#mappings) / MAPPINGS_PER_SLOT);
    if (fits() < batch && this.#kernel !== null) this.#mappings = this.#kernel.maps().length;
    if (fits() > 0) return Math.min(batch, fits());
    throw new LetheError(
      "ERR_LETHE_EXHAUSTED",
      `Cannot allocate ${this.#slotBytes(pages)} guarded bytes: ${this.#slots} sodium allocations hold ${MAPPINGS_PER_SLOT} mappings each and the process is at ${this.#mappings} of vm.max_map_count, a fifth of which stays reserved; destroy secrets, put several in one, or raise it with sysctl -w vm.max_map_count=`,
    );
  }

  /** sodium_malloc puts 16 bytes of its own before the data and rounds up to whole pages. */
  #slotBytes(pages: number): number {
    return pages * this.pageSize - SODIUM_CANARY_BYTES;
  }

  #free(slot: Slot): void {
    this.#idlePages -= slot.pages;
    this.#allPages -= slot.pages;
    this.#slots -= 1;
    this.#made.set(slot.pages, (this.#made.get(slot.pages) ?? 1) - 1);
    if (slot.attestation !== null) this.#known.delete(slot.attestation.address);
    slot.free();
  }
}

/** `CANARY_SIZE` of libsodium's utils.c. */
export const SODIUM_CANARY_BYTES = 16;
