import { outOfRange, wrongType } from "../../../core/arguments/argument_error.ts";
import { KEY_BYTES } from "../../../core/contract/sizes.ts";
import { offHeapBytes } from "../../../core/mod.ts";
import { checkNotZero } from "../../crypto/check_key.ts";
import { checkSeedPair, signChecked } from "../../crypto/key_pairs.ts";
import {
  checkSigningKey,
  type SigningKey,
  signatureLength,
  signMessage,
} from "../../keys/signing.ts";
import type { SecretType } from "../vault/entry.ts";
import type { HeapKeyPair } from "../vault/heap_key_pair.ts";
import {
  checkSignChoice,
  type KeyPairType,
  RSA_HASHES,
  RSA_PADDINGS,
} from "../vault/key_pair_types.ts";
import { able } from "./able.ts";
import type { HandlerContext } from "./handler_context.ts";

/**
 * Whether a key is one of its type, before it is kept: a scalar in its range, RSA numbers that belong
 * together, a public half that is its seed's.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_INVALID`, `ERR_LETHE_KEY_DAMAGED`, `ERR_LETHE_UNSUPPORTED`
 * @throws {RangeError} for a wrong length
 */
export function checkKey(
  context: HandlerContext,
  type: SecretType,
  secretKey: Uint8Array<ArrayBuffer>,
): void {
  if (type === "password" || type === "key") return;
  if (type === "x25519") {
    if (secretKey.length !== KEY_BYTES) {
      throw outOfRange("Cannot put secret as an x25519 key must have 32 bytes");
    }
    checkNotZero(secretKey, "put secret", "secret");
    return;
  }
  if (type !== "ed25519") {
    checkSigningKey(context.secrets, type, secretKey);
    return;
  }
  if (secretKey.length !== 64) {
    throw outOfRange("Cannot put secret as an ed25519 key must have 64 bytes, seed and public key");
  }
  able(context, "ed25519", "put");
  checkSeedPair(context.engine, secretKey, "put secret");
}

/** What was asked for beside the message. */
export interface Signing {
  readonly hash: string | undefined;
  readonly padding: string | undefined;
}

/** A signature by a key of its type. */
export function signWith(
  context: HandlerContext,
  type: KeyPairType,
  secretKey: Uint8Array<ArrayBuffer>,
  message: Uint8Array,
  signing: Signing,
): Uint8Array {
  const { hash, padding } = checkSigning(type, signing);
  if (type === "ed25519") {
    able(context, "ed25519", "sign");
    const signature = offHeapBytes(64);
    signChecked(context.engine, signature, message, secretKey);
    return signature;
  }
  const signature = offHeapBytes(signatureLength(type, secretKey));
  signMessage(context.secrets, { type, secretKey, hash, padding }, message, signature);
  return signature;
}

/** The same by OpenSSL, with a key in the secure heap. */
export function signInHeap(pair: HeapKeyPair, message: Uint8Array, signing: Signing): Uint8Array {
  return pair.sign(message, checkSigning(pair.type, signing));
}

/** @throws {TypeError} for what an RSA key does not sign with, and for anything beside another key */
function checkSigning(type: SecretType, given: Signing): Pick<SigningKey, "hash" | "padding"> {
  const hash = checkSignChoice(given.hash, "hash", RSA_HASHES);
  const padding = checkSignChoice(given.padding, "padding", RSA_PADDINGS);
  const surplus = hash !== undefined ? "hash" : padding !== undefined ? "padding" : null;
  if (type === "rsa" || surplus === null) {
    return { hash: hash ?? "sha256", padding: padding ?? "pkcs1" };
  }
  throw wrongType(
    `Cannot sign with secret as ${surplus} must be left out: it is of type ${type}, which has its own`,
  );
}
