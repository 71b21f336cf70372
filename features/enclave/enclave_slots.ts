import type { LetheErrorCode } from "../../core/contract/errors.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { whenCollected } from "../../core/globals.ts";
import type { Scratch } from "./scratch.ts";
import { Slots } from "./slots.ts";

/** The store that slots belong to, as an enclave in them calls it. */
export interface SlotOwner {
  seal(message: Uint8Array): { readonly slots: EnclaveSlots; readonly id: number };
  unseal(slots: EnclaveSlots, id: number, byteLength: number): SecretBuffer;
  lend(slots: EnclaveSlots, id: number, byteLength: number, holder: object): Scratch;
  giveBack(scratch: Scratch): void;
  destroy(slots: EnclaveSlots, id: number): boolean;
  raise(code: LetheErrorCode, message: string): never;
}

/** The slots of one size of one store, which notice enclaves that were dropped. */
export class EnclaveSlots extends Slots {
  readonly store: SlotOwner;
  readonly #dropped = whenCollected<number>((id) => {
    // Nobody could catch an error here. There is none: what has an open scope is not collected.
    this.store.destroy(this, id);
  });

  constructor(store: SlotOwner, slotBytes: number) {
    super(slotBytes);
    this.store = store;
  }

  /**
   * Without a token to unregister by: that would cost as much memory again. When the enclave is
   * destroyed first, its id names nothing by the time the collector finds it. Without a
   * FinalizationRegistry a dropped enclave keeps its slot until a purge.
   */
  watch(enclave: object, id: number): void {
    this.#dropped?.register(enclave, id);
  }
}
