import { equalBytes, offHeapBytes } from "../../core/bytes.ts";
import type { CryptoEngine } from "../../core/contract/engine.ts";
import { KEY_BYTES } from "../../core/contract/sizes.ts";
import { invalidKey } from "./check_key.ts";

/**
 * An Ed25519 signature, once the public half of `secretKey` is known to be that of its seed.
 *
 * The nonce of a signature follows from the seed and the message alone, and not from the public half:
 * two signatures of one message under two halves have the same nonce and give the private scalar away.
 * One flipped bit in a stored key is enough. So the half is derived again for each signature, which takes
 * as long again as the signature; it is public, and so is how it compares.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_INVALID`, and then `signature` is untouched
 */
export function signChecked(
  engine: CryptoEngine,
  signature: Uint8Array,
  message: Uint8Array,
  secretKey: Uint8Array,
): void {
  checkSeedPair(engine, secretKey, "sign");
  engine.sign(signature, message, secretKey);
}

/**
 * Whether the public half of an Ed25519 key is that of its seed.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_INVALID`
 */
export function checkSeedPair(engine: CryptoEngine, secretKey: Uint8Array, verb: string): void {
  const { buffer, byteOffset } = secretKey;
  const seed = new Uint8Array(buffer, byteOffset, KEY_BYTES);
  const stated = new Uint8Array(buffer, byteOffset + KEY_BYTES, KEY_BYTES);
  const derived = offHeapBytes(KEY_BYTES);
  engine.signPublicKey(derived, seed);
  if (equalBytes(derived, stated)) return;
  throw invalidKey(
    verb,
    "the public half of secretKey is not that of its seed, and a signature with it could give the private key away; restore the key, or make it again from its seed with signKeyPair()",
  );
}

/**
 * The public key of an X25519 secret key, which must be the one that its pair says.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_INVALID`
 */
export function checkAgreePair(
  engine: CryptoEngine,
  secretKey: Uint8Array,
  publicKey: Uint8Array,
  verb: string,
): void {
  const derived = offHeapBytes(KEY_BYTES);
  engine.agreePublicKey(derived, secretKey);
  if (equalBytes(derived, publicKey)) return;
  throw invalidKey(
    verb,
    "publicKey is not that of secretKey; pass both of one pair, as agreeKeyPair() gives them",
  );
}
