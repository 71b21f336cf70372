import { KEY_BYTES } from "../../../core/contract/sizes.ts";
import { offHeapBytes, type SecretBuffer } from "../../../core/mod.ts";
import type { ChannelContext } from "../protocol/channel_context.ts";
import type { SecureHeapKey } from "./secure_heap.ts";

/**
 * How the key of a vault comes to be, each time it is needed:
 *
 *     BLAKE2b-256, keyed with the secure-heap key's shared secret, over a share in guarded memory
 *
 * Neither half is enough: not what lies open in the secure heap, for a bug that reads this process's
 * memory out of bounds, and not the guarded share alone. Without a secure heap it is
 * BLAKE2b-256 over a label, keyed with the share.
 */
export class VaultKey {
  readonly heapKey: SecureHeapKey | null;
  readonly #context: ChannelContext;
  readonly #share: SecretBuffer;

  constructor(context: ChannelContext, heapKey: SecureHeapKey | null) {
    this.#context = context;
    this.heapKey = heapKey;
    this.#share = context.secrets.random(KEY_BYTES).freeze();
  }

  /** Before each use of what the key has opened: is its other half still where it was made? */
  verify(): void {
    this.heapKey?.verify();
  }

  /** Writes the key into 32 bytes of secret memory. */
  deriveInto(key: Uint8Array): void {
    const { engine } = this.#context;
    this.#share.expose((share) => {
      if (this.heapKey === null) return engine.keyedHash(key, LABEL, share);
      this.heapKey.agree((shared) => engine.keyedHash(key, share, shared));
    });
  }

  destroy(): void {
    this.#share.destroy();
  }
}

const LABEL: Uint8Array = offHeapBytes(16).fill(0x4c);
