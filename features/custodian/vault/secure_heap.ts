import {
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  secureHeapUsed,
} from "node:crypto";
import { errorCode, optional } from "../../../core/arguments/own.ts";
import { LetheError } from "../../../core/mod.ts";

/** What there is of OpenSSL's secure heap in this process. */
export interface SecureHeapState {
  /** Size of the arena in bytes; 0 where there is none. */
  readonly total: number;
  /** Bytes in use. */
  readonly used: number;
}

/** Only Node has one: Bun's function gives nothing, and Deno's throws. */
export function secureHeapState(): SecureHeapState {
  try {
    const { total = 0, used = 0 } = (secureHeapUsed() ?? {}) as Partial<SecureHeapState>;
    return { total: Number(total), used: Number(used) };
  } catch {
    return { total: 0, used: 0 };
  }
}

/** Why no key lies in the secure heap, and what helps. */
export interface MissingKey {
  readonly reason: string;
  readonly remedy: string | null;
}

/** An X25519 key takes its 32 bytes there, whatever else the provider allocates beside them. */
const LEAST_GROWTH = 32;

/**
 * A private key in OpenSSL's secure heap: locked, not dumped, between guard pages of its own, and never
 * exported. That it lies there is not believed but seen, in what the heap says of itself: it has to
 * grow by the key when that is made, and may not be smaller whenever the key is used.
 *
 * It agrees with one point on the curve, which is drawn at random: nobody has the private key of it.
 */
export class SecureHeapKey {
  /** By how many bytes the secure heap grew when the key was made. */
  readonly growth: number;
  readonly #used: number;
  readonly #privateKey: KeyObject;
  readonly #point: KeyObject;

  private constructor(privateKey: KeyObject, before: number, used: number) {
    this.#privateKey = privateKey;
    this.#used = used;
    this.growth = used - before;
    const x = randomBytes(32).toString("base64url");
    this.#point = createPublicKey({ key: { kty: "OKP", crv: "X25519", x }, format: "jwk" });
  }

  /** Makes a key, or says why there is none in the secure heap. */
  static generate(): SecureHeapKey | MissingKey {
    const before = secureHeapState();
    if (before.total === 0) return NO_HEAP;
    const more = "give Node.js more with secureHeapBytes";
    let privateKey: KeyObject;
    try {
      ({ privateKey } = generateKeyPairSync("x25519"));
    } catch (error) {
      const reason = opensslReason(error);
      return isFull(error)
        ? { reason: `its ${before.total} bytes have no room for a key (${reason})`, remedy: more }
        : { reason: `OpenSSL makes no X25519 key here (${reason})`, remedy: null };
    }
    const { used } = secureHeapState();
    if (used - before.used < LEAST_GROWTH) {
      const reason = `it did not grow when the key was made (${before.used} bytes, then ${used})`;
      return { reason, remedy: more };
    }
    return new SecureHeapKey(privateKey, before.used, used);
  }

  /** @throws {LetheError} `ERR_LETHE_SECURE_HEAP` when the secure heap has become smaller */
  verify(): void {
    const { used } = secureHeapState();
    if (used >= this.#used) return;
    throw withoutKey({
      reason: `it has ${used} bytes in use where the key alone made it ${this.#used}`,
      remedy: null,
    });
  }

  /**
   * Lends the shared secret of the key and its point, and wipes it. Node puts it into a buffer of
   * OpenSSL's allocator, without another copy; it lies there for the time of the call.
   */
  agree<T>(use: (shared: Uint8Array) => T): T {
    this.verify();
    const shared = diffieHellman({ privateKey: this.#privateKey, publicKey: this.#point });
    try {
      return use(shared);
    } finally {
      shared.fill(0);
    }
  }
}

/** Whether OpenSSL failed because the secure heap has no room left. */
export function isFull(error: unknown): boolean {
  return NO_ROOM.test(opensslReason(error));
}

/** What OpenSSL says of itself: its own words, about no key. */
export function opensslReason(error: unknown): string {
  const { message } = error as Error;
  const opensslErrorStack = optional(
    error as { readonly opensslErrorStack?: unknown },
    "opensslErrorStack",
  );
  const words = [message, ...(Array.isArray(opensslErrorStack) ? opensslErrorStack : [])];
  const telling = words.find((word) => NO_ROOM.test(String(word)));
  return String(telling ?? errorCode(error) ?? message);
}

const NO_ROOM = /secure malloc failure/;

export const NO_HEAP: MissingKey = {
  reason: "this process has none",
  remedy: "Node.js alone has one, unless secureHeapBytes is 0",
};

/** The error of a custodian that may not be without the key. */
export function withoutKey({ reason, remedy }: MissingKey): LetheError {
  const remedies = [remedy, 'allow a key elsewhere with secureHeap: "prefer"'];
  return new LetheError(
    "ERR_LETHE_SECURE_HEAP",
    `Cannot hold key in the secure heap: ${reason}; ${remedies.filter((one) => one !== null).join(", or ")}`,
  );
}
