import type { Guarantees } from "./guarantees.ts";

/**
 * Page access. `no-access` at rest, `read-only` inside `expose`, `read-write` inside `modify`.
 *
 * A memory without `access-trap` and `write-trap` accepts all three and enforces none of them.
 */
export type Protection = "no-access" | "read-only" | "read-write";

/**
 * The port that an adapter fills: where secret bytes live.
 *
 * A conforming memory keeps these rules; the conformance suite probes each of them:
 *
 * - MEM-1: `allocate` gives `byteLength` bytes, all zero, protected `no-access`
 * - MEM-2: a memory that cannot give a region throws a {@link LetheError}, and leaves nothing behind
 * - MEM-3: no region shares a byte, or a page whose protection it changes, with another live region
 * - MEM-4: `guarantees` is the most that a region of this memory gives; a region that gives less says so
 * - MEM-12: `protectAll`, where there is one, does to these regions what `protect` does to each, and
 *   changes no page of another. When it throws, each of them can still be protected by itself
 * - MEM-13: `capacity`, where there is one, gives counts, changes nothing and does not throw
 * - MEM-14: `sweep`, where there is one, touches nothing of a thread that runs, and does not throw
 *
 * @example
 * ```ts
 * import { HeapMemory, type SecretMemory } from "lethe/memory";
 *
 * const memory: SecretMemory = new HeapMemory();
 * const region = memory.allocate(32); // zero-filled, "no-access"
 * memory.protectAll?.([region], "read-write"); // where it has one
 * console.log(memory.capacity?.(32)?.regions ?? "no limit is known"); // regions of 32 bytes
 * memory.randomize?.(new Uint8Array(new ArrayBuffer(24)));
 * memory.sweep?.();
 * region.release();
 * ```
 */
export interface SecretMemory {
  /** Short and lower case: `pages`, `secretmem`, `sodium`, `heap`. */
  readonly name: string;
  /** The most that its regions promise. A region may be weaker, and then its own table says so. */
  readonly guarantees: Guarantees;
  /**
   * A zero-filled region, protected `no-access`.
   *
   * @param byteLength an integer from 1 to 2^31 - 1; the caller has checked it
   * @throws {LetheError} `ERR_LETHE_EXHAUSTED` when there is no room, with the limit and the remedy
   */
  allocate(byteLength: number): Region;
  /**
   * Fills `bytes` from the system's random generator, which it asks each time, leaving no copy of them
   * elsewhere. Without it Lethe uses `crypto.getRandomValues` and then flushes what that may have buffered.
   */
  randomize?(bytes: Uint8Array): void;
  /** True where `randomize` is too slow for a nonce: those come from `crypto.getRandomValues` then. */
  readonly randomizesSlowly?: boolean;
  /**
   * Protects several of its live regions at once, in fewer system calls than one each. No region is
   * listed twice. It saves time and is not relied on: afterwards each region gets the same call again.
   *
   * @throws {LetheError} `ERR_LETHE_PROTECT`
   */
  protectAll?(regions: readonly Region[], protection: Protection): void;
  /** How many more regions of `byteLength` bytes there is room for, now. */
  capacity?(byteLength: number): Capacity;
  /**
   * Gives back what no region uses: pages that are kept for the next one, and, wiped, what threads of this
   * process left in such memory that have ended. Called by each purge.
   */
  sweep?(): void;
}

/**
 * How many more regions of a length a memory can give. A forecast: the rest of the process, and of
 * the machine, takes from the same limits.
 */
export interface Capacity {
  /** How many regions: an integer from 0, or Infinity where no limit is known. */
  readonly regions: number;
  /** How many of them would be locked. */
  readonly locked: number;
}

/**
 * One allocation by a {@link SecretMemory}. Only Lethe's lifecycle calls it, in a legal order, and a method
 * throws for no other reason than those that it names.
 *
 * - MEM-5: `view` is called only while readable, and gives the same object until `detach`
 * - MEM-6: after `detach` every view that was handed out, and its buffer, has length 0; the bytes stay
 * - MEM-7: `wipe` is called only while `read-write`; afterwards each byte was read back as zero
 * - MEM-8: `release` gives the memory back before it returns, and reports a damaged canary by throwing
 *   `ERR_LETHE_CANARY` after it has done so
 * - MEM-9: after `protect("no-access")` has returned, the pages are already closed
 * - MEM-10: the region and its view have exactly the length that was asked for
 * - MEM-11: the bytes stay as they are through `detach` and every `protect`
 *
 * @example
 * ```ts
 * import { HeapMemory } from "lethe/memory";
 *
 * const region = new HeapMemory().allocate(32);
 * region.protect("read-write");
 * region.view().fill(7);
 * region.wipe();
 * region.detach(); // every view has length 0
 * region.protect("no-access");
 * region.release();
 * ```
 */
export interface Region {
  /** Length in bytes, as it was asked for. */
  readonly byteLength: number;
  /** What this region really has. Never stronger than the memory's own table. */
  readonly guarantees: Guarantees;
  /**
   * Sets what the pages of the bytes allow.
   *
   * @throws {LetheError} `ERR_LETHE_PROTECT` when the operating system refuses
   */
  protect(protection: Protection): void;
  /**
   * The one live view of the bytes, off the garbage-collected heap.
   *
   * Its `buffer` may be longer than the view: the rest is padding of this region alone (zeros and
   * a canary), so code that is handed a view must honour `byteOffset` and `byteLength`.
   */
  view(): Uint8Array<ArrayBuffer>;
  /** Takes the bytes away from every view. Without a live view it does nothing. */
  detach(): void;
  /**
   * Overwrites every byte with zero, and reads it back.
   *
   * @throws {LetheError} `ERR_LETHE_WIPE` when a byte did not read back as zero
   */
  wipe(): void;
  /**
   * Called once, and last: after `wipe`, `detach` and `protect("no-access")`, or on a region that was
   * never opened.
   *
   * @throws {LetheError} `ERR_LETHE_CANARY`
   */
  release(): void;
}
