import { outOfRange } from "../../core/arguments/argument_error.ts";
import type { CryptoEngine } from "../../core/contract/engine.ts";
import { LetheError } from "../../core/contract/errors.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { KEY_BYTES, NONCE_BYTES, TAG_BYTES } from "../../core/contract/sizes.ts";
import { freshOf } from "../../core/fresh.ts";
import { checkNotZero, lowOrder } from "./check_key.ts";
import { checkAgreePair } from "./key_pairs.ts";
import { born, lend, lengthOfMessage, type Message, part } from "./lend.ts";
import { hashedPart } from "./nonce.ts";
import type { SecretKeyPair } from "./options.ts";

const OVERHEAD = KEY_BYTES + TAG_BYTES;

/**
 * `crypto_box_seal` of libsodium, from its parts, so that the ephemeral secret key is born in secret
 * memory and destroyed here:
 *
 *     | ephemeral public key 32 | tag 16 | ciphertext |
 *
 * The nonce is the BLAKE2b of both public keys, and fresh because the ephemeral key is. That one is the
 * BLAKE2b of the message, keyed with random bytes: where those come twice, to two continuations of one image
 * of this process (see docs/snapshots.md), it is another one for another message.
 */
export function sealBox(
  engine: CryptoEngine,
  secrets: Secrets,
  publicKey: Uint8Array,
  message: Message,
): Uint8Array<ArrayBuffer> {
  const box = new Uint8Array(new ArrayBuffer(OVERHEAD + lengthOfMessage(message)));
  const ephemeral = part(box, 0, KEY_BYTES);
  const boxed = part(box, KEY_BYTES, box.length - KEY_BYTES);
  const secretKey = ephemeralKey(engine, secrets, message);
  try {
    const sealed = lend([secretKey, message], (secretKey, message) => {
      engine.agreePublicKey(ephemeral, secretKey);
      const nonce = nonceOf(engine, ephemeral, publicKey);
      return engine.boxSeal(boxed, message, nonce, publicKey, secretKey);
    });
    if (sealed) return box;
  } finally {
    secretKey.destroy();
  }
  throw lowOrder("seal box");
}

export function unsealBox(
  engine: CryptoEngine,
  secrets: Secrets,
  { publicKey, secretKey }: SecretKeyPair,
  box: Uint8Array<ArrayBuffer>,
): SecretBuffer {
  const byteLength = box.length - OVERHEAD;
  if (byteLength < 0) throw forged();
  const open = (message: Uint8Array): void => {
    const opened = lend([secretKey], (secretKey) => {
      checkNotZero(secretKey, "open box", "secretKey");
      checkAgreePair(engine, secretKey, publicKey, "open box");
      const ephemeral = part(box, 0, KEY_BYTES);
      const nonce = nonceOf(engine, ephemeral, publicKey);
      const boxed = part(box, KEY_BYTES, byteLength + TAG_BYTES);
      return engine.boxUnseal(message, boxed, nonce, ephemeral, secretKey);
    });
    if (!opened) throw forged();
  };
  if (byteLength > 0) return born(secrets, byteLength, open);
  open(new Uint8Array(0));
  throw outOfRange("Cannot open box into a secret as the message is empty");
}

function ephemeralKey(engine: CryptoEngine, secrets: Secrets, message: Message): SecretBuffer {
  const random = secrets.random(KEY_BYTES);
  try {
    return born(secrets, KEY_BYTES, (key) =>
      lend([random, message], (random, message) =>
        engine.keyedHash(key, hashedPart(message, freshOf(secrets)), random),
      ),
    );
  } finally {
    random.destroy();
  }
}

function nonceOf(
  engine: CryptoEngine,
  ephemeral: Uint8Array,
  publicKey: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const keys = new Uint8Array(2 * KEY_BYTES);
  keys.set(ephemeral);
  keys.set(publicKey, KEY_BYTES);
  const nonce = new Uint8Array(NONCE_BYTES);
  engine.keyedHash(nonce, keys, new Uint8Array(0));
  return nonce;
}

function forged(): LetheError {
  return new LetheError(
    "ERR_LETHE_FORGED",
    "Cannot open box: the box is not authentic; it was altered or cut, or sealed for another key pair",
  );
}
