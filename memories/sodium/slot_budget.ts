import { transferBuffer } from "../../core/globals.ts";
import { LetheError } from "../../core/mod.ts";
import { process } from "../../system/node_builtins.ts";
import type { Kernel } from "./kernel.ts";

/** Mappings that one `sodium_malloc` takes: header, two guards and the data between them. */
export const MAPPINGS_PER_SLOT = 4;

/**
 * The part of what may be used that slots of one page leave to larger ones. Without it, a loop that
 * filled and destroyed small secrets would leave no room for a large one until the event loop turns:
 * their slots are idle, and too small.
 */
const LARGE_PART = 1 / 16;

/** Pages of a slot besides those of its data: header and two guards. */
const OVERHEAD_PAGES = 3;

/** The part of `vm.max_map_count` that is left to the rest of the process. */
const RESERVED_PART = 0.2;

/** What Linux has for `vm.max_map_count` unless somebody changed it; the others have no such limit. */
const USUAL_MAX_MAP_COUNT = process.platform === "linux" ? 65_530 : Infinity;

const MORE_MEMORY =
  "destroy secrets, or give the process more memory (ulimit -v, ulimit -d, the limit of its container)" as const;

/** The least memory that is left to the rest of the process; runtimes die when they get none. */
const SMALLEST_RESERVE = 1024 * 1024;

/**
 * Counts before anything is mapped, because nobody can afterwards: when libsodium gets no memory,
 * sodium-native aborts the process.
 *
 * - BUDGET-1: a fifth of `vm.max_map_count` and half of the available memory stay with the rest of the
 *   process, which maps memory too, in this and in other threads
 * - BUDGET-2: it asks afresh before each batch; where it gets no answer it goes by its own count
 */
export class SlotBudget {
  readonly #kernel: Kernel | null;
  readonly #pageSize: number;
  readonly #limit: number;
  #slots = 0;
  #mappings = 0;

  constructor(kernel: Kernel | null, pageSize: number) {
    this.#kernel = kernel;
    this.#pageSize = pageSize;
    const most = answer(() => kernel?.maxMapCount()) ?? USUAL_MAX_MAP_COUNT;
    this.#limit = Math.floor(most * (1 - RESERVED_PART));
  }

  /**
   * How many slots of `pages` pages may be made, of `wanted` and at least one.
   *
   * @throws {LetheError} `ERR_LETHE_EXHAUSTED`
   */
  grant(wanted: number, pages: number): number {
    this.#mappings = answer(() => this.#kernel?.mapCount()) ?? this.#mappings;
    const limit = pages > 1 ? this.#limit : Math.floor(this.#limit * (1 - LARGE_PART));
    const mappable = Math.floor((limit - this.#mappings) / MAPPINGS_PER_SLOT);
    if (mappable < 1) throw new LetheError("ERR_LETHE_EXHAUSTED", this.#crowded(pages));
    const bytes = (pages + OVERHEAD_PAGES) * this.#pageSize;
    const room = this.#room(bytes);
    const affordable = Math.floor(Math.min(room / 2, room - SMALLEST_RESERVE) / bytes);
    if (affordable < 1) throw new LetheError("ERR_LETHE_EXHAUSTED", this.#full(pages, room));
    return Math.min(wanted, mappable, affordable);
  }

  /** Notes slots that were made, or with a negative number those that were given back. */
  add(slots: number): void {
    this.#slots += slots;
    this.#mappings += slots * MAPPINGS_PER_SLOT;
  }

  /**
   * Why libsodium failed at `what`: it gives no reason, and sodium-native passes none on. So the limits
   * of the process are read, and where none of them explains it, that is said.
   */
  explain(what: "mprotect" | "malloc", pages: number): string {
    const mappings = answer(() => this.#kernel?.mapCount());
    const most = answer(() => this.#kernel?.maxMapCount());
    const room = answer(() => this.#kernel?.room());
    const failed = what === "malloc" ? "libsodium got no memory" : "mprotect was refused";
    if (mappings !== undefined && most !== undefined && mappings + MAPPINGS_PER_SLOT > most) {
      return `${failed}: the process is at ${mappings} of vm.max_map_count ${most}; destroy secrets, or raise it with sysctl -w vm.max_map_count=`;
    }
    if (room !== undefined && room < (pages + OVERHEAD_PAGES) * this.#pageSize) {
      return `${failed}: ${room} bytes of memory are left to this process; ${MORE_MEMORY}`;
    }
    const filter = answer(() => this.#kernel?.filtered()) === true;
    const rest = filter
      ? "a filter of system calls (seccomp) may refuse it"
      : "no limit explains it";
    return `${failed}, and sodium-native does not say why; ${rest}`;
  }

  #room(bytes: number): number {
    if (this.#kernel !== null) return answer(() => this.#kernel?.room()) ?? Infinity;
    // Nobody to ask but the runtime's own allocator, which takes no page of it and fails softly.
    const probe = answer(() => new ArrayBuffer(bytes));
    if (probe !== undefined) transferBuffer(probe, 0);
    return probe === undefined ? 0 : Infinity;
  }

  #crowded(pages: number): string {
    return `Cannot allocate ${pages * this.#pageSize} guarded bytes: ${this.#slots} sodium allocations hold ${MAPPINGS_PER_SLOT} mappings each and the process is at ${this.#mappings} of vm.max_map_count, a part of which stays reserved; destroy secrets, put several in one, or raise it with sysctl -w vm.max_map_count=`;
  }

  #full(pages: number, room: number): string {
    return `Cannot allocate ${pages * this.#pageSize} guarded bytes: ${room} bytes of memory are left to this process, and half of them, at least ${SMALLEST_RESERVE}, stay reserved; ${MORE_MEMORY}`;
  }
}

/** What `ask` returns, or nothing when it throws. */
function answer<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}
