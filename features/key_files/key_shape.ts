import { outOfRange, wrongType } from "../../core/arguments/argument_error.ts";
import { has } from "../../core/arguments/own.ts";
import type { MemorySecrets } from "../../core/memory_secrets.ts";
import type { SecretBuffer } from "../../core/mod.ts";
import type { EngineFor } from "./options.ts";

/** What a key is for. In a sealed key file it is written down; a plain one holds nothing but bytes. */
export type KeyFileType = "symmetric" | "ed25519" | "x25519";

/**
 * What to make, or what must be there: a number of bytes (1 to 65,536) for a symmetric key, or the
 * type of a key pair, of which the file holds the 32 bytes that the rest follows from: the seed of
 * Ed25519 (RFC 8032), the secret key of X25519 (RFC 7748).
 */
export type KeyShape = number | "ed25519" | "x25519";

/** A key pair out of a key file. `destroy` ends its secret key. */
export interface KeyPair extends Disposable {
  /** The algorithm. */
  readonly type: "ed25519" | "x25519";
  /** 32 bytes, in ordinary memory: it is not a secret. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
  /** Frozen. For Ed25519 64 bytes, seed and public key, as libsodium signs with; for X25519 32. */
  readonly secretKey: SecretBuffer;
}

/** A frozen secret for a number of bytes, a key pair for its type. */
export type KeyOf<S extends KeyShape> = S extends number ? SecretBuffer : KeyPair;

/** The most bytes of one key: far more than any algorithm takes, far less than a hostile file. */
export const MOST_KEY_BYTES = 65_536;

/** Of the secret in a file of an Ed25519 or X25519 key. */
export const PAIR_BYTES = 32;

/** @throws {TypeError | RangeError} for what is no {@link KeyShape} */
export function checkShape(shape: unknown, verb: string): asserts shape is KeyShape {
  if (shape === "ed25519" || shape === "x25519") return;
  if (typeof shape !== "number") {
    throw wrongType(
      `Cannot ${verb} key file as its shape must be a number of bytes, "ed25519" or "x25519"`,
    );
  }
  if (!Number.isInteger(shape) || shape < 1 || shape > MOST_KEY_BYTES) {
    throw outOfRange(
      `Cannot ${verb} key file as its number of bytes must be an integer from 1 to ${MOST_KEY_BYTES}: current value is ${shape}`,
    );
  }
}

export function typeOf(shape: KeyShape): KeyFileType {
  return typeof shape === "number" ? "symmetric" : shape;
}

/** Bytes that the file of such a key holds. */
export function bytesOf(shape: KeyShape): number {
  return typeof shape === "number" ? shape : PAIR_BYTES;
}

/** The secret of a key; the bytes that its file holds are the first of it. */
export function secretOf(key: SecretBuffer | KeyPair): SecretBuffer {
  return has(key, "secretKey") ? key.secretKey : key;
}

/** The key of which a file holds `content`. Consumes `content`, also when it throws. */
export function toKey<S extends KeyShape>(
  secrets: MemorySecrets,
  engineFor: EngineFor,
  shape: S,
  content: SecretBuffer,
): KeyOf<S> {
  try {
    const key =
      typeof shape === "number" ? content.freeze() : toPair(secrets, engineFor, shape, content);
    return key as KeyOf<S>;
  } catch (error) {
    content.destroy();
    throw error;
  }
}

function toPair(
  secrets: MemorySecrets,
  engineFor: EngineFor,
  type: "ed25519" | "x25519",
  content: SecretBuffer,
): KeyPair {
  const engine = engineFor([type]);
  const publicKey = new Uint8Array(new ArrayBuffer(32));
  let secretKey = content;
  if (type === "x25519") {
    content.expose((bytes) => engine.agreePublicKey(publicKey, bytes));
  } else {
    secretKey = secrets.make(64, (pair) => {
      content.expose((seed) => engine.signKeyPair(publicKey, pair, seed));
    });
    try {
      content.destroy();
    } catch (error) {
      secretKey.destroy();
      throw error;
    }
  }
  secretKey.freeze();
  return Object.freeze({
    type,
    publicKey,
    secretKey,
    [Symbol.dispose]: () => secretKey.destroy(),
  });
}
