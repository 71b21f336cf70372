import { copyBytes } from "../../../core/arguments/check_bytes.ts";
import { type View, within } from "../bytes.ts";
import { Hasher, type HashFunction } from "./hash.ts";
import { addMask, maskRoom } from "./mgf1.ts";
import { roundUp, type Workspace } from "./workspace.ts";

/** What {@link encodeOaep} or {@link decodeOaep} takes of a {@link Workspace}. */
export function oaepRoom(hash: HashFunction): number {
  return Hasher.room(hash) + 2 * maskRoom(hash) + roundUp(hash.digestBytes);
}

/** The most bytes of a message under a modulus of so many bytes; below zero there is room for none. */
export function mostOaepBytes(hash: HashFunction, modulusBytes: number): number {
  return modulusBytes - 2 * hash.digestBytes - 2;
}

/**
 * EME-OAEP (RFC 8017, section 7.1.1, step 2), with MGF1 over the same hash:
 *
 *     | 0 | seed, masked | hash of the label, zeros, 1, message: masked |
 *
 * @param message of at most {@link mostOaepBytes}
 * @param seed random, as long as a digest
 * @param encoded zeros, as long as the modulus
 */
export function encodeOaep(
  hash: HashFunction,
  label: Uint8Array,
  message: Uint8Array,
  seed: Uint8Array,
  encoded: View,
  space: Workspace,
): void {
  const [own, block] = partsOf(encoded, hash);
  copyBytes(own, seed);
  hashLabel(hash, label, within(block, 0, hash.digestBytes), space);
  block[block.length - message.length - 1] = 1;
  copyBytes(block, message, block.length - message.length);
  addMask(hash, own, block, space);
  addMask(hash, block, own, space);
}

/**
 * The reverse (section 7.1.2, step 3), in the place of `encoded`.
 *
 * - OAEP-1: what is wrong, and where, shows in nothing but the one result, and not in the time either (Manger,
 *   CRYPTO 2001): every byte is looked at, whatever stands in those before it
 *
 * @param encoded as long as the modulus, and zero where the RSA operation failed
 * @param whole whether that succeeded
 * @returns the message, a part of `encoded`; null: it is not authentic. Its length may show once it is
 */
export function decodeOaep(
  hash: HashFunction,
  label: Uint8Array,
  encoded: View,
  whole: boolean,
  space: Workspace,
): View | null {
  const { digestBytes } = hash;
  const [seed, block] = partsOf(encoded, hash);
  addMask(hash, block, seed, space);
  addMask(hash, seed, block, space);
  const expected = space.bytes(digestBytes);
  hashLabel(hash, label, expected, space);
  let wrong = (encoded[0] as number) | (whole ? 0 : 1);
  for (let at = 0; at < digestBytes; at++) {
    wrong |= (block[at] as number) ^ (expected[at] as number);
  }
  let [before, start] = [-1, 0]; // all ones until the 1 in front of the message has come
  for (let at = digestBytes; at < block.length; at++) {
    const byte = block[at] as number;
    const isOne = ((byte ^ 1) - 1) >> 31;
    const isZero = (byte - 1) >> 31;
    wrong |= before & ~isOne & ~isZero;
    start |= before & isOne & (at + 1);
    before &= ~isOne;
  }
  return (wrong | before) === 0 ? within(block, start) : null;
}

/** The seed and the data block. */
function partsOf(encoded: View, { digestBytes }: HashFunction): readonly [View, View] {
  return [within(encoded, 1, 1 + digestBytes), within(encoded, 1 + digestBytes)];
}

function hashLabel(hash: HashFunction, label: Uint8Array, target: View, space: Workspace): void {
  const hasher = new Hasher(hash, space);
  hasher.update(label);
  hasher.digest(target);
}
