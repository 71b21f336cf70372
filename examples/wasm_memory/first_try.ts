// A memory in the WebAssembly heap of libsodium, as one writes it at first. The suite refuses it.

import { type Guarantees, guarantees, type Region, type SecretMemory } from "lethe/memory";
import sodium from "libsodium-wrappers-sumo";
import { heapOf } from "./heap.ts";

export class FirstTry implements SecretMemory {
  readonly name = "first-try";
  readonly guarantees: Guarantees = guarantees({});

  allocate(byteLength: number): Region {
    const heap = heapOf(sodium);
    const pointer = heap._malloc(byteLength);
    const view = heap.HEAPU8.subarray(pointer, pointer + byteLength);
    return {
      byteLength,
      guarantees: this.guarantees,
      protect: () => undefined,
      view: () => view,
      detach: () => undefined,
      wipe: () => void view.fill(0),
      release: () => heap._free(pointer),
    };
  }
}
