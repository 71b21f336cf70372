import { outOfRange, wrongType } from "../../../core/arguments/argument_error.ts";
import { offHeapBytes } from "../../../core/mod.ts";
import { checkSeedPair, signChecked } from "../../crypto/key_pairs.ts";
import { checkSigningKey, signatureLength, signMessage } from "../../keys/signing.ts";
import type { KeyPairType } from "../vault/key_pair_types.ts";
import type { SecretType } from "../vault/vault.ts";
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

/** A signature by a key of its type. */
export function signWith(
  context: HandlerContext,
  type: KeyPairType,
  secretKey: Uint8Array<ArrayBuffer>,
  message: Uint8Array,
  hash: string | undefined,
): Uint8Array {
  if (hash !== undefined && (type !== "rsa" || (hash !== "sha256" && hash !== "sha512"))) {
    throw wrongType(
      `Cannot sign with secret as hash must be left out: it is of type ${type}, which has its own`,
    );
  }
  if (type === "ed25519") {
    able(context, "ed25519", "sign");
    const signature = offHeapBytes(64);
    signChecked(context.engine, signature, message, secretKey);
    return signature;
  }
  const signature = offHeapBytes(signatureLength(type, secretKey));
  const chosen = hash === "sha512" ? "sha512" : "sha256";
  signMessage(context.secrets, { type, secretKey, hash: chosen }, message, signature);
  return signature;
}
