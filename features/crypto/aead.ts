import { outOfRange, wrongType } from "../../core/arguments/argument_error.ts";
import { publicBytes } from "../../core/arguments/check_bytes.ts";
import { readOptions } from "../../core/arguments/options.ts";
import type { CryptoEngine } from "../../core/contract/engine.ts";
import { LetheError } from "../../core/contract/errors.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { KEY_BYTES, NONCE_BYTES, TAG_BYTES } from "../../core/contract/sizes.ts";
import { freshOf } from "../../core/fresh.ts";
import { isSecretBuffer } from "../../core/held_secret.ts";
import { checkNotZero } from "./check_key.ts";
import { born, checkSecret, lend, lengthOfMessage, type Message, messageOf, part } from "./lend.ts";
import { makeNonce } from "./nonce.ts";
import type { AeadOptions } from "./options.ts";

/**
 *     | nonce 24 | ciphertext | tag 16 |
 *
 * The nonce is made here, for this message, and as good as random: 2^80 messages under one key until a
 * repeat has a chance of 2^-32. See {@link makeNonce} for a process that is continued twice.
 */
export function encrypt(
  engine: CryptoEngine,
  secrets: Secrets,
  key: SecretBuffer,
  given: Message,
  options: AeadOptions | undefined,
): Uint8Array<ArrayBuffer> {
  const additional = additionalOf(options, "encrypt"); // first: it may have a getter
  checkSecret(key, "encrypt", "key", KEY_BYTES);
  const message = messageOf(given, "encrypt");
  // Off the heap also when it is small: some engines encrypt in place, in the result.
  const encrypted = new Uint8Array(
    new ArrayBuffer(NONCE_BYTES + lengthOfMessage(message) + TAG_BYTES),
  );
  const nonce = part(encrypted, 0, NONCE_BYTES);
  const sealed = part(encrypted, NONCE_BYTES, encrypted.length - NONCE_BYTES);
  lend([key, message], (key, message) => {
    checkNotZero(key, "encrypt", "key");
    makeNonce(nonce, freshOf(secrets), engine, key, message, additional);
    engine.aeadSeal(sealed, message, additional, nonce, key);
  });
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
    throw outOfRange(
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
  given: Uint8Array,
  options: AeadOptions | undefined,
): Opener | null {
  const additional = additionalOf(options, verb);
  checkSecret(key, verb, "key", KEY_BYTES);
  const encrypted = publicBytes(given, verb, "encrypted");
  const byteLength = encrypted.length - NONCE_BYTES - TAG_BYTES;
  if (byteLength < 0) return null;
  return {
    byteLength,
    into: (message) =>
      lend([key], (key) => {
        checkNotZero(key, verb, "key");
        const sealed = part(encrypted, NONCE_BYTES, byteLength + TAG_BYTES);
        return engine.aeadUnseal(message, sealed, additional, part(encrypted, 0, NONCE_BYTES), key);
      }),
  };
}

function additionalOf(options: AeadOptions | undefined, verb: string): Uint8Array {
  const { additional = NOTHING } = readOptions(options, verb, ["additional"]);
  if (additional === NOTHING) return NOTHING;
  if (isSecretBuffer(additional)) {
    throw wrongType(`Cannot ${verb} as additional must be public: it is a SecretBuffer`);
  }
  return publicBytes(additional, verb, "additional");
}

const NOTHING: Uint8Array<ArrayBuffer> = new Uint8Array(new ArrayBuffer(0));

function forged(): LetheError {
  return new LetheError(
    "ERR_LETHE_FORGED",
    "Cannot decrypt: the ciphertext is not authentic; it was altered or cut, or made with another key or other additional data",
  );
}
