import type { Kernel } from "./kernel.ts";
import { CANARY_LENGTH, place } from "./layout.ts";
import type { Reference } from "./reference.ts";

const CANARY_SIZE = BigInt(CANARY_LENGTH);

/** A slot, as far as what lies in it is concerned. */
export interface PlacedSlot {
  readonly address: bigint;
  readonly byteLength: number;
  placement: Placement | null;
  marked: Placement | null;
}

/** Where a region lies in its slot, with the canary that stands before it. */
export class Placement {
  readonly byteLength: number;
  readonly size: bigint;
  readonly data: bigint;
  readonly #canary: bigint;
  /** The only reference to the bytes that is kept: every detach moves it on. */
  buffer: ArrayBuffer | null = null;

  constructor(slot: PlacedSlot, byteLength: number) {
    const { canary, data } = place(byteLength, slot.byteLength);
    this.byteLength = byteLength;
    this.size = BigInt(byteLength);
    this.data = slot.address + BigInt(data);
    this.#canary = slot.address + BigInt(canary);
  }

  /** The placement of the next region in a slot: the last one, if the length is the same. */
  static next(slot: PlacedSlot, byteLength: number): Placement {
    if (slot.placement?.byteLength !== byteLength) slot.placement = new Placement(slot, byteLength);
    return slot.placement;
  }

  /** Writes the canary. The one of an earlier placement may lie where data is now. */
  mark(slot: PlacedSlot, kernel: Kernel, reference: Reference): void {
    if (slot.marked !== null) kernel.zero(slot.marked.#canary, CANARY_SIZE);
    kernel.copy(this.#canary, reference.canary, CANARY_SIZE);
    slot.marked = this;
  }

  /** Whether the canary is as it was written. */
  isIntact(kernel: Kernel, reference: Reference): boolean {
    return kernel.equal(this.#canary, reference.canary, CANARY_SIZE);
  }
}
