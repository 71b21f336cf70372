import { transferBuffer } from "../../core/globals.ts";
import { LetheError, type Protection } from "../../core/mod.ts";
import type { Allocation, SodiumAllocator } from "../../system/sodium_native/sodium_native.ts";

/** What a slot asks when libsodium fails, which gives no reason itself. */
export interface Explanation {
  explain(what: "mprotect" | "malloc", pages: number): string;
}

/** What the kernel says of a slot's pages. `null`: it could not be asked. */
export interface Attestation {
  readonly address: number;
  readonly locked: boolean;
  readonly notDumped: boolean;
  /** No-access pages stand directly before and after. libsodium does not look whether it got them. */
  readonly guarded: boolean;
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
export class SodiumSlot {
  readonly byteLength: number;
  readonly pages: number;
  attestation: Attestation | null = null;
  readonly #sodium: SodiumAllocator;
  readonly #budget: Explanation;
  #allocation: Allocation;
  /** Null: a change was begun and not confirmed, so that the pages must count as open. */
  #protection: Protection | null = "read-write";

  /** @throws {LetheError} `ERR_LETHE_EXHAUSTED`; but where sodium-native aborts, nothing throws */
  constructor(sodium: SodiumAllocator, pages: number, byteLength: number, budget: Explanation) {
    this.#sodium = sodium;
    this.#budget = budget;
    this.pages = pages;
    this.byteLength = byteLength;
    const buffer = allocate(sodium, byteLength);
    if (buffer === null) {
      throw new LetheError(
        "ERR_LETHE_EXHAUSTED",
        `Cannot allocate ${byteLength} guarded bytes: ${budget.explain("malloc", pages)}`,
      );
    }
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

  /**
   * Without a system call where the pages have that protection already.
   *
   * @throws {LetheError} `ERR_LETHE_PROTECT`
   */
  protect(protection: Protection): void {
    if (protection === this.#protection) return;
    this.#protection = null;
    // libsodium would abort the process over the address of a buffer that has none.
    if (this.buffer.detached) {
      throw new LetheError(
        "ERR_LETHE_PROTECT",
        `Cannot make secret ${protection}: its buffer was transferred inside a scope, and the code that has it can read the bytes`,
      );
    }
    try {
      switch (protection) {
        case "no-access":
          this.#sodium.sodium_mprotect_noaccess(this.#allocation);
          break;
        case "read-only":
          this.#sodium.sodium_mprotect_readonly(this.#allocation);
          break;
        case "read-write":
          this.#sodium.sodium_mprotect_readwrite(this.#allocation);
          break;
      }
      this.#protection = protection;
    } catch {
      throw new LetheError(
        "ERR_LETHE_PROTECT",
        `Cannot make secret ${protection}: ${this.#budget.explain("mprotect", this.pages)}`,
      );
    }
  }

  /** The same memory under a new buffer: every older view has length 0 from here on. */
  detach(): void {
    if (this.buffer.detached) return;
    this.#allocation = { buffer: transferBuffer(this.#allocation.buffer), secure: true };
  }

  /** Gives the memory back once the event loop turns. It must have been wiped. */
  free(): void {
    this.#sodium.sodium_free(this.#allocation);
  }
}

/** Bun shows a null from libsodium as an error or as an empty buffer, Node.js and Deno abort. */
function allocate(sodium: SodiumAllocator, byteLength: number): ArrayBuffer | null {
  try {
    const { buffer } = sodium.sodium_malloc(byteLength);
    return buffer.byteLength === byteLength ? buffer : null;
  } catch {
    return null; // Its message gives no reason.
  }
}
