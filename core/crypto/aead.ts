import { LetheError } from "../errors.ts";
import { isSecretBuffer, type SecretBuffer } from "../secret_buffer.ts";
import type { Secrets } from "../secrets.ts";
import type { AeadOptions } from "./crypto.ts";
import type { CryptoEngine } from "./engine.ts";
import {
  born,
  checkMessage,
  checkPublic,
  checkSecret,
  lend,
  lengthOfMessage,
  type Message,
  part,
} from "./lend.ts";
import { ownOptions } from "./options.ts";

export const AEAD_KEY_BYTES = 32;
const NONCE_BYTES = 24;
const TAG_BYTES = 16;

/**
 *     | nonce 24 | ciphertext | tag 16 |
 *
 * The nonce is random and made here, for this message: 2^80 messages under one key until a repeat has
 * a chance of 2^-32.
 */
export function encrypt(
  engine: CryptoEngine,
  key: SecretBuffer,
  message: Message,
  options: AeadOptions | undefined,
): Uint8Array<ArrayBuffer> {
  checkSecret(key, "encrypt", "key", AEAD_KEY_BYTES);
  checkMessage(message, "encrypt");
  const additional = additionalOf(options, "encrypt");
  // Off the heap also when it is small: some engines encrypt in place, in the result.
  const encrypted = new Uint8Array(
    new ArrayBuffer(NONCE_BYTES + lengthOfMessage(message) + TAG_BYTES),
  );
  const nonce = crypto.getRandomValues(part(encrypted, 0, NONCE_BYTES));
  const sealed = part(encrypted, NONCE_BYTES, encrypted.length - NONCE_BYTES);
  lend([key, message, additional], (key, message, additional) =>
    engine.aeadSeal(sealed, message, additional, nonce, key),
  );
  return encrypted;
}

export function decrypt(
  engine: CryptoEngine,
  secrets: Secrets,
  key: SecretBuffer,
  encrypted: Uint8Array,
  options: AeadOptions | undefined,
): SecretBuffer {
  const open = opener(engine, "decrypt", key, encrypted, options);
  if (open === null) throw forged();
  if (open.byteLength === 0) {
    if (!open.into(new Uint8Array(0))) throw forged();
    throw new RangeError(
      "Cannot decrypt into a secret as the message is empty; use isAuthentic() where that may be",
    );
  }
  return born(secrets, open.byteLength, (message) => {
    if (!open.into(message)) throw forged();
  });
}

export function isAuthentic(
  engine: CryptoEngine,
  secrets: Secrets,
  key: SecretBuffer,
  encrypted: Uint8Array,
  options: AeadOptions | undefined,
): boolean {
  const open = opener(engine, "authenticate", key, encrypted, options);
  if (open === null) return false;
  if (open.byteLength === 0) return open.into(new Uint8Array(0));
  let authentic = false;
  const message = born(secrets, open.byteLength, (bytes) => {
    authentic = open.into(bytes);
  });
  message.destroy();
  return authentic;
}

interface Opener {
  readonly byteLength: number;
  into(message: Uint8Array): boolean;
}

/** `null` for what is too short to be anything. */
function opener(
  engine: CryptoEngine,
  verb: string,
  key: SecretBuffer,
  encrypted: Uint8Array,
  options: AeadOptions | undefined,
): Opener | null {
  checkSecret(key, verb, "key", AEAD_KEY_BYTES);
  checkPublic(encrypted, verb, "encrypted");
  const additional = additionalOf(options, verb);
  const byteLength = lengthOfMessage(encrypted) - NONCE_BYTES - TAG_BYTES;
  if (byteLength < 0) return null;
  return {
    byteLength,
    into: (message) =>
      lend([key, encrypted, additional], (key, encrypted, additional) => {
        const bytes = encrypted as Uint8Array<ArrayBuffer>;
        const sealed = part(bytes, NONCE_BYTES, byteLength + TAG_BYTES);
        return engine.aeadOpen(message, sealed, additional, part(bytes, 0, NONCE_BYTES), key);
      }),
  };
}

function additionalOf(options: AeadOptions | undefined, verb: string): Uint8Array {
  const { additional = new Uint8Array(0) } = ownOptions(options, verb, ["additional"]);
  if (isSecretBuffer(additional)) {
    throw new TypeError(`Cannot ${verb} as additional must be public: it is a SecretBuffer`);
  }
  checkPublic(additional, verb, "additional");
  return additional;
}

function forged(): LetheError {
  return new LetheError(
    "ERR_LETHE_FORGED",
    "Cannot decrypt: it is not authentic; it was altered or cut, or belongs to another key or additional data",
  );
}

/** The one function of the web's `crypto` that is needed; all runtimes have it. */
declare const crypto: { getRandomValues<T extends Uint8Array<ArrayBuffer>>(bytes: T): T };
