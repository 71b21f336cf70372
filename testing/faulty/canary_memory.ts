import {
  guarantees,
  LetheError,
  type Region,
  type SecretMemory,
  unverified,
} from "../../core/mod.ts";
import { HeapMemory } from "../../memories/heap/mod.ts";
import { through, withAllocate } from "./faulty_subject.ts";

const CANARY_BYTES = 16;
const CANARY = 0xc5;

/**
 * Heap memory with a canary of 16 bytes before the data.
 *
 * @param compared whether it is looked at: then the memory is sound
 */
export function withCanary(compared: boolean): SecretMemory {
  const table = guarantees({
    ...new HeapMemory().guarantees,
    canary: unverified("enforced", "16 bytes before the data"),
  });
  const memory = withAllocate((heap, byteLength) => {
    const inner = heap.allocate(byteLength + CANARY_BYTES);
    inner.view().fill(CANARY, 0, CANARY_BYTES);
    inner.detach();
    return canaried(inner, byteLength, compared);
  });
  return { ...memory, guarantees: table };
}

function canaried(inner: Region, byteLength: number, compared: boolean): Region {
  let view: Uint8Array<ArrayBuffer> | null = null;
  let damaged = false;
  return {
    ...through(inner),
    byteLength,
    view() {
      view ??= inner.view().subarray(CANARY_BYTES);
      return view;
    },
    detach() {
      view = null;
      inner.detach();
    },
    wipe() {
      const canary = inner.view().subarray(0, CANARY_BYTES);
      damaged ||= !canary.every((byte) => byte === CANARY || byte === 0);
      inner.wipe();
    },
    release() {
      inner.release();
      if (!compared || !damaged) return;
      throw new LetheError(
        "ERR_LETHE_CANARY",
        "Canary is damaged: something wrote outside the secret",
      );
    },
  };
}
