import { HEAP_OFFER, LetheError, type MemoryOffer, type SecretMemory } from "../../core/mod.ts";

/**
 * Heap memory, in browsers that can detach a view.
 *
 * Nothing stands in for `ArrayBuffer.prototype.transfer`: `structuredClone` with a transfer list
 * does not say whether it moved the bytes or copied them, and a copy would be residue.
 */
export const WEB_HEAP_OFFER: MemoryOffer = {
  name: "heap",
  open(): SecretMemory {
    if (typeof ArrayBuffer.prototype.transfer === "function") return HEAP_OFFER.open();
    throw new LetheError(
      "ERR_LETHE_UNAVAILABLE",
      "Cannot open heap memory: this browser has no ArrayBuffer.prototype.transfer, without which a view is detached only by a copy; use Chrome 114, Firefox 122, Safari 17.4 or newer",
    );
  },
};
