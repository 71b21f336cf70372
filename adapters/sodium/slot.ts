import { LetheError, type Protection } from "../../core/mod.ts";
import type { Allocation, SodiumNative } from "./sodium_native.ts";

/** What the kernel says of a slot's pages. `null`: it could not be asked. */
export interface Attestation {
  readonly address: number;
  readonly locked: boolean;
  readonly notDumped: boolean;
}

/**
 * One `sodium_malloc`, for its whole life: leased to one region after another.
 *
 *     | header | leading guard | sodium's canary | slack | canary | data | trailing guard |
 *       read     no access       read-write pages                           no access
 *
 * The slot takes all of its pages, so that any secret of that many pages fits flush against the
 * trailing guard: an overrun of one byte faults at once.
 */
export class Slot {
  readonly byteLength: number;
  readonly pages: number;
  attestation: Attestation | null = null;
  readonly #sodium: SodiumNative;
  #allocation: Allocation;

  constructor(sodium: SodiumNative, pages: number, byteLength: number) {
    this.#sodium = sodium;
    this.pages = pages;
    this.byteLength = byteLength;
    const { buffer } = sodium.sodium_malloc(byteLength);
    new Uint8Array(buffer).fill(0); // sodium_malloc fills with 0xdb, to show uninitialised reads
    this.#allocation = { buffer, secure: true };
  }

  /** Whether the kernel's tables show its pages locked. */
  get locked(): boolean {
    return this.attestation?.locked ?? false;
  }

  get buffer(): ArrayBuffer {
    return this.#allocation.buffer;
  }

  protect(protection: Protection): void {
    try {
      switch (protection) {
        case "no-access":
          return this.#sodium.sodium_mprotect_noaccess(this.#allocation);
        case "read-only":
          return this.#sodium.sodium_mprotect_readonly(this.#allocation);
        case "read-write":
          return this.#sodium.sodium_mprotect_readwrite(this.#allocation);
      }
    } catch {
      throw new LetheError(
        "ERR_LETHE_PROTECT",
        `Cannot make secret ${protection}: mprotect failed; the process is near vm.max_map_count or out of memory`,
      );
    }
  }

  /** The same memory under a new buffer: every older view has length 0 from here on. */
  detach(): void {
    this.#allocation = { buffer: this.#allocation.buffer.transfer(), secure: true };
  }

  /** Gives the memory back once the event loop turns. It must have been wiped. */
  free(): void {
    this.#sodium.sodium_free(this.#allocation);
  }
}
