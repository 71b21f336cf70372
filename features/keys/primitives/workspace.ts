import type { Secrets } from "../../../core/contract/secrets.ts";
import { part } from "../../crypto/lend.ts";

/** Places are handed out at multiples of this, so that words lie aligned. */
const ALIGNMENT = 16;

/**
 * Secret memory that one computation works in: states, schedules, derived keys. Its views are detached,
 * and its bytes wiped, when {@link withWorkspace} returns.
 */
export class Workspace {
  readonly #memory: Uint8Array<ArrayBuffer>;
  #used = 0;

  constructor(memory: Uint8Array<ArrayBuffer>) {
    this.#memory = memory;
  }

  /**
   * Zero-filled bytes that nothing else uses.
   *
   * @throws {RangeError} when there is no room left: a bug of the computation, which must not write over
   * what lies behind the secret
   */
  bytes(byteLength: number): Uint8Array<ArrayBuffer> {
    if (byteLength > this.#memory.length - this.#used) {
      throw new RangeError(
        `Cannot compute: the workspace has no room for ${byteLength} more bytes`,
      );
    }
    const bytes = part(this.#memory, this.#used, byteLength);
    this.#used += roundUp(byteLength);
    return bytes;
  }

  /** Zero-filled words of 32 bits. */
  words(length: number): Int32Array<ArrayBuffer> {
    const { buffer, byteOffset } = this.bytes(length * 4);
    return new Int32Array(buffer, byteOffset, length);
  }
}

/**
 * Lends secret memory to a computation.
 *
 * @param byteLength room for all that it takes; each piece is rounded up to 16 bytes
 */
export function withWorkspace<T>(
  secrets: Secrets,
  byteLength: number,
  use: (space: Workspace) => T,
): T {
  const secret = secrets.allocate(roundUp(byteLength));
  try {
    return secret.modify((memory) => use(new Workspace(memory)));
  } finally {
    secret.destroy();
  }
}

/** `byteLength` as a {@link Workspace} counts it. */
export function roundUp(byteLength: number): number {
  return Math.ceil(byteLength / ALIGNMENT) * ALIGNMENT;
}
