// The same memory, after what the suite said of the first try.

import { LetheError, offHeapBytes, wipeBytes } from "lethe";
import {
  type Guarantees,
  guarantees,
  notGiven,
  type Region,
  type SecretMemory,
} from "lethe/memory";
import sodium from "libsodium-wrappers-sumo";
import { heapOf, type WasmHeap } from "./heap.ts";

export class WasmMemory implements SecretMemory {
  readonly name = "libsodium-wasm";
  readonly guarantees: Guarantees = guarantees({
    "off-heap": notGiven(
      "a WebAssembly heap that grows may be moved, and its old place is not wiped",
    ),
  });
  readonly #heap: WasmHeap = heapOf(sodium);

  allocate(byteLength: number): Region {
    const pointer = this.#heap._malloc(byteLength);
    if (pointer === 0) {
      throw new LetheError(
        "ERR_LETHE_EXHAUSTED",
        `Cannot allocate ${byteLength} bytes: the WebAssembly heap is full; destroy secrets first`,
      );
    }
    return new WasmRegion(this.#heap, pointer, byteLength, this.guarantees);
  }
}

class WasmRegion implements Region {
  readonly byteLength: number;
  readonly guarantees: Guarantees;
  readonly #heap: WasmHeap;
  readonly #pointer: number;
  #lent: Uint8Array<ArrayBuffer> | null = null;

  constructor(heap: WasmHeap, pointer: number, byteLength: number, table: Guarantees) {
    this.#heap = heap;
    this.#pointer = pointer;
    this.byteLength = byteLength;
    this.guarantees = table;
    this.#bytes().fill(0); // M1: `malloc` gives what the last owner left
  }

  protect(): void {
    // No pages: nothing is claimed, and nothing is done.
  }

  /** M6: a view of the WebAssembly heap can never be detached, so that a copy is lent instead. */
  view(): Uint8Array<ArrayBuffer> {
    if (this.#lent === null) {
      this.#lent = offHeapBytes(this.byteLength);
      this.#lent.set(this.#bytes());
    }
    return this.#lent;
  }

  /** M11: what was written comes back; F2: the copy is wiped before it goes. */
  detach(): void {
    if (this.#lent === null) return;
    this.#bytes().set(this.#lent);
    wipeBytes(this.#lent);
    this.#lent.buffer.transfer(0);
    this.#lent = null;
  }

  wipe(): void {
    this.#lent?.fill(0);
    if (!wipeBytes(this.#bytes())) throw new LetheError("ERR_LETHE_WIPE", "Cannot wipe secret");
  }

  release(): void {
    this.#heap._free(this.#pointer);
  }

  /** Asked for each time: when the heap grows, all older views of it are empty. */
  #bytes(): Uint8Array<ArrayBuffer> {
    return this.#heap.HEAPU8.subarray(this.#pointer, this.#pointer + this.byteLength);
  }
}
