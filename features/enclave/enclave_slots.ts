import type { EnclaveStore } from "./enclave_store.ts";
import { Slots } from "./slots.ts";

/** The slots of one size of one store, which notice enclaves that were dropped. */
export class EnclaveSlots extends Slots {
  readonly store: EnclaveStore;
  readonly #dropped = new FinalizationRegistry<number>((id) => {
    // Nobody could catch an error here. There is none: what has an open scope is not collected.
    this.store.destroy(this, id);
  });

  constructor(store: EnclaveStore, slotBytes: number) {
    super(slotBytes);
    this.store = store;
  }

  /**
   * Without a token to unregister by: that would cost as much memory again. When the enclave is
   * destroyed first, its id names nothing by the time the collector finds it.
   */
  watch(enclave: object, id: number): void {
    this.#dropped.register(enclave, id);
  }
}
