import { copyBytes } from "../../core/arguments/check_bytes.ts";
import { Hasher } from "../keys/primitives/hash.ts";
import type { RsaNumbers } from "../keys/primitives/rsa_numbers.ts";
import { rsaDecrypt, rsaEncrypt, rsaPowerRoom } from "../keys/primitives/rsa_power.ts";
import { SHA256 } from "../keys/primitives/sha256.ts";
import type { Workspace } from "../keys/primitives/workspace.ts";
import { type View, within } from "./bytes.ts";

const HASH_BYTES = 32;

/** What a call takes of a {@link Workspace}. */
export function oaepRoom(modulusBytes: number): number {
  return rsaPowerRoom(modulusBytes) + 3 * (modulusBytes + 32) + 2 * Hasher.room(SHA256) + 512;
}

/**
 * RSAES-OAEP with SHA-256 (RFC 8017, section 7.1.1), in secret memory.
 *
 *     | 0 | seed 32, masked | hash of the label 32, zeros, 1, message: masked |
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
  const [own, block] = parts(encoded);
  copyBytes(own, seed);
  hashOf(label, within(block, 0, HASH_BYTES), space);
  block[block.length - message.length - 1] = 1;
  copyBytes(block, message, block.length - message.length);
  mask(own, block, space);
  mask(block, own, space);
  rsaEncrypt(key, encoded, sealed, space);
}

/**
 * The reverse, for a message of the length of `message`: what is wrong, and where, shows in nothing but the result, not in
 * the time either (Manger, CRYPTO 2001).
 *
 * @returns false when it is not authentic; `message` is then zero
 */
export function oaepDecrypt(
  key: RsaNumbers,
  label: Uint8Array,
  sealed: Uint8Array,
  message: Uint8Array,
  space: Workspace,
): boolean {
  const encoded = space.bytes(key.n.length);
  const decrypted = rsaDecrypt(key, sealed, encoded, space);
  const [own, block] = parts(encoded);
  mask(block, own, space);
  mask(own, block, space);
  const expected = space.bytes(block.length - message.length);
  hashOf(label, within(expected, 0, HASH_BYTES), space);
  expected[expected.length - 1] = 1;
  let wrong = (encoded[0] as number) | (decrypted ? 0 : 1);
  for (let at = 0; at < expected.length; at++) {
    wrong |= (expected[at] as number) ^ (block[at] as number);
  }
  const keep = ~(-wrong >> 31); // all ones when nothing is wrong
  for (let at = 0; at < message.length; at++) {
    message[at] = (block[expected.length + at] as number) & keep;
  }
  return wrong === 0;
}

/** The seed and the data block. */
function parts(encoded: View): readonly [View, View] {
  return [within(encoded, 1, 1 + HASH_BYTES), within(encoded, 1 + HASH_BYTES)];
}

/** Adds MGF1 of `seed` (RFC 8017, appendix B.2.1) to `target`. */
function mask(seed: View, target: View, space: Workspace): void {
  const hasher = new Hasher(SHA256, space);
  const hash = space.bytes(HASH_BYTES);
  for (let start = 0, count = 0; start < target.length; start += HASH_BYTES, count++) {
    hasher.reset();
    hasher.update(seed);
    hasher.update(Uint8Array.of(0, 0, count >> 8, count));
    hasher.digest(hash);
    const end = Math.min(target.length, start + HASH_BYTES);
    for (let at = start; at < end; at++) {
      target[at] = (target[at] as number) ^ (hash[at - start] as number);
    }
  }
}

function hashOf(bytes: Uint8Array, target: View, space: Workspace): void {
  const hasher = new Hasher(SHA256, space);
  hasher.update(bytes);
  hasher.digest(target);
}
