import type { Region, SecretMemory } from "../../core/mod.ts";
import { HeapMemory } from "../../memories/heap/mod.ts";

/** Small requests share a region of this size: each region costs pages of its own. */
const SHARED_BYTES = 16_384;

/** Every request begins at a multiple of this, for words and for what is compared by words. */
const ALIGNMENT = 8;

/**
 * Where one scan keeps whatever tells of a secret: its index of the needles, and the piece of the
 * target that it searches.
 *
 * A conforming memory keeps these bytes off the collected heap and wipes them before it gives them
 * back. The scan calls {@link end} however it ends. Nothing can call it in a thread that is
 * terminated from outside.
 */
export class WorkingMemory {
  readonly #memory: SecretMemory;
  readonly #regions: Region[] = [];
  #shared: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  constructor(memory: SecretMemory = new HeapMemory()) {
    this.#memory = memory;
  }

  /** So many zeros. @throws {LetheError} what the memory's `allocate` raises */
  bytes(byteLength: number): Uint8Array<ArrayBuffer> {
    const taken = Math.max(ALIGNMENT, Math.ceil(byteLength / ALIGNMENT) * ALIGNMENT);
    if (taken > SHARED_BYTES / 2) return this.#open(taken).subarray(0, byteLength);
    if (this.#shared.length < taken) this.#shared = this.#open(SHARED_BYTES);
    const bytes = this.#shared.subarray(0, byteLength);
    this.#shared = this.#shared.subarray(taken);
    return bytes;
  }

  /** As `bytes`, for so many words of 32 bits. */
  words(length: number): Uint32Array<ArrayBuffer> {
    const { buffer, byteOffset } = this.bytes(length * 4);
    return new Uint32Array(buffer, byteOffset, length);
  }

  /** Wipes everything and gives it back. Every view that was handed out is empty afterwards. */
  end(): void {
    const failures: unknown[] = [];
    for (const region of this.#regions.splice(0)) {
      for (const step of ENDING) {
        try {
          step(region);
        } catch (error) {
          failures.push(error);
        }
      }
    }
    this.#shared = new Uint8Array(0);
    if (failures.length > 0) throw failures[0];
  }

  #open(byteLength: number): Uint8Array<ArrayBuffer> {
    // Longer by what may have to be skipped: a memory says nothing about where a view begins.
    const region = this.#memory.allocate(byteLength + ALIGNMENT);
    try {
      region.protect("read-write");
    } catch (error) {
      region.release(); // never opened, and nothing is in it
      throw error;
    }
    this.#regions.push(region);
    const view = region.view();
    const skipped = (ALIGNMENT - (view.byteOffset % ALIGNMENT)) % ALIGNMENT;
    return view.subarray(skipped, skipped + byteLength);
  }
}

const ENDING: readonly ((region: Region) => void)[] = [
  (region) => region.wipe(),
  (region) => region.detach(),
  (region) => region.protect("no-access"),
  (region) => region.release(),
];
