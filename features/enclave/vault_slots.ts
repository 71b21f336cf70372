import { Slots } from "./slots.ts";
import type { Vault } from "./vault.ts";

/** The slots of one size of one vault, which notice enclaves that were dropped. */
export class VaultSlots extends Slots {
  readonly vault: Vault;
  readonly #dropped = new FinalizationRegistry<number>((id) => {
    // Nobody could catch an error here. There is none: what has an open scope is not collected.
    this.vault.destroy(this, id);
  });

  constructor(vault: Vault, slotBytes: number) {
    super(slotBytes);
    this.vault = vault;
  }

  /**
   * Without a token to unregister by: that would cost as much memory again. When the enclave is
   * destroyed first, its id names nothing by the time the collector finds it.
   */
  watch(enclave: object, id: number): void {
    this.#dropped.register(enclave, id);
  }
}
