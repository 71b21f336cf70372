import {
  constants,
  createPublicKey,
  diffieHellman,
  type KeyObject,
  privateDecrypt,
  sign,
  verify,
} from "node:crypto";
import { LetheError } from "../../../core/mod.ts";
import { noOaep } from "../../keys/decryption.ts";
import { fixedSignature } from "../../keys/openssl_form.ts";
import type { NistCurve } from "../../keys/primitives/curve_constants.ts";
import { type SigningKey, wrongSignature } from "../../keys/signing.ts";
import type { AgreeingType, KeyPairType } from "./key_pair_types.ts";
import { isFull, opensslReason } from "./secure_heap.ts";

/**
 * A private key in OpenSSL's secure heap, and what OpenSSL does with it. It never comes out again.
 *
 * - HEAPPAIR-1: the secure heap grew by the key's secret numbers when it was made, and shrank by as much at its end
 * - HEAPPAIR-2: neither the key, nor a nonce, nor what was agreed or decrypted lies anywhere else in the process
 *
 * It does not promise what guarded memory does: the arena is readable at rest for code in this process.
 */
export class HeapKeyPair {
  readonly type: KeyPairType | AgreeingType;
  /** By how many bytes the secure heap grew with it. */
  readonly growth: number;
  #privateKey: KeyObject | null;

  constructor(type: KeyPairType | AgreeingType, privateKey: KeyObject, growth: number) {
    this.type = type;
    this.#privateKey = privateKey;
    this.growth = growth;
  }

  /**
   * ECDSA as r and s, with a nonce that OpenSSL draws; RSA with a salt of PSS as long as the hash, verified before it leaves.
   * OpenSSL verifies only what it computes with the factors, which it has not here.
   */
  sign(message: Uint8Array, { hash, padding }: Pick<SigningKey, "hash" | "padding">): Uint8Array {
    const key = { key: this.#key };
    const { RSA_PKCS1_PADDING, RSA_PKCS1_PSS_PADDING, RSA_PSS_SALTLEN_DIGEST } = constants;
    const signature = attempt("sign", () => {
      if (this.type === "ed25519") return sign(null, message, key.key);
      if (this.type !== "rsa") {
        const curve = this.type as NistCurve;
        // As DER, and not as r and s: for those Node 22 makes another copy of the key.
        return fixedSignature(sign(HASHES[curve], message, key), curve);
      }
      const way =
        padding === "pss"
          ? { ...key, padding: RSA_PKCS1_PSS_PADDING, saltLength: RSA_PSS_SALTLEN_DIGEST }
          : { ...key, padding: RSA_PKCS1_PADDING };
      const made = sign(hash, message, way);
      if (verify(hash, message, way, made)) return made;
      made.fill(0);
      return null;
    });
    if (signature === null) throw wrongSignature();
    return signature;
  }

  /**
   * Writes what it has in common with the key of another party.
   *
   * @param publicKey SubjectPublicKeyInfo, checked
   * @returns false for a point of low order
   */
  agree(publicKey: Uint8Array<ArrayBuffer>, shared: Uint8Array): boolean {
    const privateKey = this.#key;
    const peer = createPublicKey({ key: publicKey as Buffer, format: "der", type: "spki" });
    let common: Uint8Array;
    try {
      common = diffieHellman({ privateKey, publicKey: peer });
    } catch (error) {
      if (this.type === "x25519" && !isFull(error)) return false;
      throw failed("agree", error);
    }
    take(common, (bytes) => shared.set(bytes));
    return true;
  }

  /**
   * Lends what an RSA key makes of a number below its modulus: as many bytes as that, whose padding the caller takes
   * off. OpenSSL would do that in a buffer that it frees without a wipe.
   *
   * @throws {LetheError} `ERR_LETHE_FORGED` for another number
   */
  power(sealed: Uint8Array, use: (encoded: Uint8Array) => void): void {
    const key = { key: this.#key, padding: constants.RSA_NO_PADDING };
    let encoded: Uint8Array;
    try {
      encoded = privateDecrypt(key, sealed);
    } catch (error) {
      throw isFull(error) ? failed("decrypt", error) : noOaep();
    }
    take(encoded, use);
  }

  /** Lets go of the key: it leaves the secure heap with the next collection. */
  drop(): void {
    this.#privateKey = null;
  }

  get #key(): KeyObject {
    if (this.#privateKey !== null) return this.#privateKey;
    throw new LetheError("ERR_LETHE_DESTROYED", "Cannot use key pair: it was destroyed");
  }
}

const HASHES: Readonly<Record<NistCurve, string>> = {
  p256: "sha256",
  p384: "sha384",
  p521: "sha512",
};

/** Node gives results in buffers of OpenSSL's allocator, without another copy; they are wiped after `use`. */
function take(bytes: Uint8Array, use: (bytes: Uint8Array) => void): void {
  try {
    use(bytes);
  } finally {
    bytes.fill(0);
  }
}

function attempt<T>(verb: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw failed(verb, error);
  }
}

/** Nothing was computed, for want of room. */
export class NoRoomToCompute extends LetheError {}

/** What OpenSSL said: of no key, and of no message. */
function failed(verb: string, error: unknown): LetheError {
  const reason = opensslReason(error);
  return isFull(error)
    ? new NoRoomToCompute(
        "ERR_LETHE_SECURE_HEAP",
        `Cannot ${verb}: the secure heap has no room to compute in (${reason}); delete other keys there, or give Node.js more with secureHeapBytes`,
      )
    : new LetheError(
        "ERR_LETHE_KEY_INVALID",
        `Cannot ${verb}: OpenSSL refuses it with this key (${reason}); put the key into the vault, by leaving out place`,
      );
}
