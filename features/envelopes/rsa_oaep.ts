import { copyBytes } from "../../core/arguments/check_bytes.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { decodeOaep, encodeOaep, oaepRoom } from "../keys/primitives/oaep.ts";
import type { RsaNumbers } from "../keys/primitives/rsa_numbers.ts";
import { rsaDecrypt, rsaEncrypt, rsaPowerRoom } from "../keys/primitives/rsa_power.ts";
import { SHA256 } from "../keys/primitives/sha256.ts";
import { roundUp, type Workspace } from "../keys/primitives/workspace.ts";
import type { View } from "./bytes.ts";

/** What a call takes of a {@link Workspace}. */
export function rsaOaepRoom(modulusBytes: number): number {
  return rsaPowerRoom(modulusBytes) + oaepRoom(SHA256) + roundUp(modulusBytes);
}

/**
 * RSAES-OAEP with SHA-256 (RFC 8017, section 7.1.1), in secret memory.
 *
 * @param seed 32 random bytes
 * @param sealed as long as n
 */
export function oaepEncrypt(
  key: Pick<RsaNumbers, "n" | "e">,
  label: Uint8Array,
  message: Uint8Array,
  seed: Uint8Array,
  sealed: Uint8Array,
  space: Workspace,
): void {
  const encoded = space.bytes(key.n.length);
  encodeOaep(SHA256, label, message, seed, encoded, space);
  rsaEncrypt(key, encoded, sealed, space);
}

/**
 * The reverse, for a message of the length of `message`.
 *
 * @returns false when it is not authentic or of another length; `message` is then zero
 */
export function oaepDecrypt(
  secrets: Pick<Secrets, "random">,
  key: RsaNumbers,
  label: Uint8Array,
  sealed: Uint8Array,
  message: View,
  space: Workspace,
): boolean {
  const encoded = space.bytes(key.n.length);
  const whole = rsaDecrypt(secrets, key, sealed, encoded, space);
  const decoded = decodeOaep(SHA256, label, encoded, whole, space);
  if (decoded?.length !== message.length) {
    message.fill(0);
    return false;
  }
  copyBytes(message, decoded);
  return true;
}
