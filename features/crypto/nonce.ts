import { offHeapBytes } from "../../core/bytes.ts";
import type { CryptoEngine } from "../../core/contract/engine.ts";
import type { Fresh } from "../../core/fresh.ts";

/**
 * Makes the bytes of a nonce that differ from one encryption to the next, 8 to 24 of them.
 *
 *     fresh bytes XOR BLAKE2b(key, message) XOR BLAKE2b(key, next message) ...
 *
 * Fresh bytes alone would do in a process that is continued once. Two continuations of one image (a
 * snapshot of a virtual machine, CRIU) may get the same ones: see docs/snapshots.md. Then the nonces still
 * differ unless the messages, the time and the count are all the same; and if they are, the ciphertext is
 * the same, too, which tells nothing but that.
 *
 * What is random stays so when anything that does not depend on it is added. The hashes are keyed, so that a
 * nonce, which is public, tells nothing about a message to somebody who knows the fresh bytes. Their
 * lengths differ from each other and from the usual ones, and BLAKE2b of another length is another function.
 *
 * A hash takes longer than the encryption itself. So where the fresh bytes came from the system, of a long
 * message only the first 1024 bytes count. An engine without "keyed-hash" adds none.
 *
 * @param messages the plaintext, then what is authenticated with it: at most three
 */
export function makeNonce(
  nonce: Uint8Array<ArrayBuffer>,
  fresh: Fresh,
  engine: CryptoEngine,
  key: Uint8Array,
  ...messages: readonly Uint8Array[]
): void {
  fresh.fill(nonce);
  if (!engine.operations.has("keyed-hash")) return;
  for (let index = 0; index < messages.length; index++) {
    const message = hashedPart(messages[index] as Uint8Array, fresh);
    if (message.length > 0) mix(nonce, engine, key, message, DIGEST_BYTES + 8 * index);
  }
}

/** What is hashed of a message, for what is made of it and of fresh bytes. */
export function hashedPart(message: Uint8Array, { asksSystem }: Fresh): Uint8Array {
  if (!asksSystem || message.length <= MOST_HASHED) return message;
  return new Uint8Array(message.buffer, message.byteOffset, MOST_HASHED);
}

function mix(
  nonce: Uint8Array,
  engine: CryptoEngine,
  key: Uint8Array,
  message: Uint8Array,
  digestBytes: number,
): void {
  const digest = new Uint8Array(DIGEST.buffer, 0, digestBytes);
  try {
    engine.keyedHash(digest, message, key);
    for (let at = 0; at < nonce.length; at++) {
      nonce[at] = (nonce[at] as number) ^ (digest[at] as number);
    }
  } finally {
    digest.fill(0);
  }
}

const MOST_HASHED = 1024;
/** Of the first message, and 8 more for each that follows: at most 64. */
const DIGEST_BYTES = 40;
/** Zero between calls. */
const DIGEST: Uint8Array<ArrayBuffer> = /* @__PURE__ */ offHeapBytes(64);
