import { wrongKind } from "../../core/arguments/argument_error.ts";
import { markKind } from "../../core/arguments/kind_of.ts";
import { isThenable } from "../../core/arguments/thenable.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { disposable } from "../../core/dispose.ts";
import type { ReadonlyBytes } from "../../core/readonly_bytes.ts";
import { redact } from "../../core/redact.ts";
import { refuseConversion } from "../../core/refuse_conversion.ts";
import type { EnclaveSlots, SlotOwner } from "./enclave_slots.ts";
import type { Scratch } from "./scratch.ts";

/** Where an enclave stands. */
export type EnclaveState = "sealed" | "destroyed";

/**
 * A secret that is ciphertext while idle, in ordinary memory.
 *
 * A guarded page a secret does not scale; enclaves do: a million of them need the pages of one
 * session key. (In-process; the name has nothing to do with a trusted execution environment.)
 *
 * - ENC-1: its bytes are in the clear only inside `expose`, and in the secret that `unseal` gives
 * - ENC-2: bytes that were changed, cut, or moved from another enclave are refused, never given
 * - ENC-3: after `destroy`, and after a purge, nothing that is left in the process opens it
 * - ENC-4: dropped without `destroy()` it is destroyed when it is collected
 * - ENC-5: no conversion to text, enumeration or clone of the object shows a byte
 *
 * What it does not stop: anyone who runs code in this process, or reads its guarded pages, has the
 * session key and so every enclave that was not destroyed; and the number and lengths of enclaves
 * are not secret.
 */
export interface Enclave extends Disposable {
  /** Length of the secret in bytes. */
  readonly byteLength: number;
  /** `sealed` until it is destroyed. */
  readonly state: EnclaveState;
  /**
   * The bytes in a separate secret; the enclave stays.
   *
   * @throws {LetheError} `ERR_LETHE_DESTROYED`; `ERR_LETHE_FORGED` when the sealed bytes were
   * tampered with; what {@link Secrets.allocate} throws
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openEnclaves } from "lethe/enclave";
   *
   * const secrets = openSecrets();
   * const enclave = openEnclaves(secrets).seal(secrets.random(32));
   * const secret = enclave.unseal(); // the enclave stays
   * secret.destroy();
   * enclave.destroy();
   * ```
   */
  unseal(): SecretBuffer;
  /**
   * Lends the bytes for one scope, in guarded memory that is reused. Each scope has its own
   * copy: a write does not change the enclave, and its type refuses one. Scopes overlap as they
   * like. With an async `use` the
   * scope stays open until its promise settles, and takes a separate region that long.
   *
   * @throws {LetheError} as `unseal`
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openEnclaves } from "lethe/enclave";
   *
   * const secrets = openSecrets();
   * const enclave = openEnclaves(secrets).seal(secrets.random(32));
   * enclave.expose((bytes) => bytes.length); // 32, and wiped again
   * enclave.destroy();
   * ```
   */
  expose<T>(use: (bytes: ReadonlyBytes) => T): T;
  /**
   * The same bytes in a separate enclave.
   *
   * @throws {LetheError} as `unseal`
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openEnclaves } from "lethe/enclave";
   *
   * const secrets = openSecrets();
   * const enclave = openEnclaves(secrets).seal(secrets.random(32));
   * const copy = enclave.clone();
   * enclave.destroy();
   * console.log(copy.state); // "sealed"
   * copy.destroy();
   * ```
   */
  clone(): Enclave;
  /**
   * Overwrites the sealed bytes. Scopes that are open lose theirs at once. A secret that `unseal` returned
   * stays. Idempotent.
   *
   * @returns when the sealed bytes are overwritten
   * @throws {LetheError} `ERR_LETHE_WIPE`, and what a memory throws, where the memory of an open scope cannot be wiped; it is destroyed all the same
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openEnclaves } from "lethe/enclave";
   *
   * const secrets = openSecrets();
   * const enclave = openEnclaves(secrets).seal(secrets.random(32));
   * enclave.destroy();
   * console.log(enclave.state); // "destroyed"
   * ```
   */
  destroy(): void;
}

/**
 * Three fields and no more: there may be millions. All that an enclave does is done by the store of
 * its slots.
 */
export class SealedSecret implements Enclave {
  readonly #slots: EnclaveSlots;
  readonly #id: number;
  readonly #byteLength: number;

  constructor(slots: EnclaveSlots, id: number, byteLength: number) {
    this.#slots = slots;
    this.#id = id;
    this.#byteLength = byteLength;
    slots.watch(this, id);
  }

  static of(store: SlotOwner, bytes: Uint8Array): SealedSecret {
    const { slots, id } = store.seal(bytes);
    return new SealedSecret(slots, id, bytes.length);
  }

  static is(value: unknown): value is SealedSecret {
    return typeof value === "object" && value !== null && #slots in value;
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  get state(): EnclaveState {
    return this.#slots.has(this.#id) ? "sealed" : "destroyed";
  }

  unseal(): SecretBuffer {
    return live(this.#slots, this.#id, "unseal").unseal(this.#slots, this.#id, this.#byteLength);
  }

  expose<T>(use: (bytes: ReadonlyBytes) => T): T {
    if (typeof use !== "function") {
      throw wrongKind(`Cannot expose enclave as use must be a function`, use);
    }
    const { store } = this.#slots;
    const scratch = live(this.#slots, this.#id, "expose").lend(
      this.#slots,
      this.#id,
      this.#byteLength,
      this,
    );
    let pending = false;
    try {
      const result = use(scratch.region.view());
      pending = isThenable(result);
      return pending ? (untilSettled(this.#slots, scratch, result) as T) : result;
    } finally {
      if (!pending) store.giveBack(scratch);
    }
  }

  clone(): Enclave {
    const { store } = this.#slots;
    live(this.#slots, this.#id, "clone");
    return this.expose((bytes) => SealedSecret.of(store, bytes));
  }

  destroy(): void {
    this.#slots.store.destroy(this.#slots, this.#id);
  }

  declare readonly [Symbol.dispose]: () => void;
}

disposable(SealedSecret, (enclave) => enclave.destroy());
refuseConversion(SealedSecret, "enclave", "use enclave.expose((bytes) => ...)");
markKind(SealedSecret, "Enclave");
Object.freeze(SealedSecret);
redact(
  SealedSecret,
  ({ byteLength, state }) =>
    `Enclave(${byteLength} ${byteLength === 1 ? "byte" : "bytes"}, ${state}, redacted)`,
);

/**
 * True for an enclave made by this copy of Lethe. It tests a private brand, which no other object
 * can carry.
 *
 * @returns a boolean for any value; it never throws
 *
 * @example
 * ```ts
 * import { isEnclave } from "lethe/enclave";
 *
 * isEnclave({ state: "sealed" }); // false: a look-alike
 * ```
 */
export function isEnclave(value: unknown): value is Enclave {
  return SealedSecret.is(value);
}

function live(slots: EnclaveSlots, id: number, verb: string): EnclaveSlots["store"] {
  if (slots.has(id)) return slots.store;
  return slots.store.raise("ERR_LETHE_DESTROYED", `Cannot ${verb} enclave: it was destroyed`);
}

async function untilSettled(
  slots: EnclaveSlots,
  scratch: Scratch,
  pending: unknown,
): Promise<unknown> {
  try {
    return await pending;
  } finally {
    slots.store.giveBack(scratch);
  }
}
