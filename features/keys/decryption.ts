import { copyBytes } from "../../core/arguments/check_bytes.ts";
import { LetheError } from "../../core/contract/errors.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import type { View } from "./bytes.ts";
import { decodeOaep, oaepRoom } from "./primitives/oaep.ts";
import { rsaDecrypt, rsaPowerRoom } from "./primitives/rsa_power.ts";
import { roundUp, withWorkspace } from "./primitives/workspace.ts";
import { numbersOf, RSA_HASHES, type SigningKey } from "./signing.ts";

/**
 * Decrypts RSAES-OAEP (RFC 8017, section 7.1.2) with MGF1 over the same hash, and lends the message.
 *
 * @param secretKey RSAPrivateKey in DER, checked when it was kept
 * @throws {LetheError} `ERR_LETHE_FORGED`, one error for everything that can be wrong with `sealed`
 */
export function decryptOaep<T>(
  secrets: Secrets,
  secretKey: View,
  hash: SigningKey["hash"],
  label: Uint8Array,
  sealed: Uint8Array,
  use: (message: View) => T,
): T {
  const numbers = numbersOf(secretKey);
  const { length } = numbers.n;
  if (sealed.length !== length) throw noOaep();
  const chosen = RSA_HASHES[hash];
  const room = rsaPowerRoom(length) + oaepRoom(chosen) + roundUp(length);
  return withWorkspace(secrets, room, (space) => {
    const encoded = space.bytes(length);
    const whole = rsaDecrypt(secrets, numbers, sealed, encoded, space);
    const message = decodeOaep(chosen, label, encoded, whole, space);
    if (message === null) throw noOaep();
    return use(message);
  });
}

/**
 * The second half of the same, for what another program has made of the ciphertext.
 *
 * @param encoded as long as the modulus
 */
export function openOaep<T>(
  secrets: Secrets,
  hash: SigningKey["hash"],
  label: Uint8Array,
  encoded: Uint8Array,
  use: (message: View) => T,
): T {
  const chosen = RSA_HASHES[hash];
  const { length } = encoded;
  return withWorkspace(secrets, oaepRoom(chosen) + roundUp(length), (space) => {
    const own = space.bytes(length);
    copyBytes(own, encoded);
    const message = decodeOaep(chosen, label, own, true, space);
    if (message === null) throw noOaep();
    return use(message);
  });
}

/** The one error of a ciphertext, whatever is wrong with it. */
export function noOaep(): LetheError {
  return new LetheError(
    "ERR_LETHE_FORGED",
    "Cannot decrypt: the ciphertext is not one for this key; it was altered or cut, or made with another key, another hash or another label",
  );
}
