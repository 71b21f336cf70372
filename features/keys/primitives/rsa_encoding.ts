import { type View, within } from "../bytes.ts";
import { Hasher, type HashFunction } from "./hash.ts";
import { addMask, maskRoom } from "./mgf1.ts";
import type { Workspace } from "./workspace.ts";

/** What {@link encodePss} takes of a {@link Workspace}. */
export function pssRoom(hash: HashFunction): number {
  return Hasher.room(hash) + maskRoom(hash);
}

/**
 * EMSA-PSS (RFC 8017, section 9.1.1), with MGF1 over the same hash:
 *
 *     | zeros, 1, salt: masked | hash of 8 zeros, digest and salt | 0xbc |
 *
 * @param bits of the modulus: one less are written, and above them zeros
 * @param encoded as long as the modulus
 */
export function encodePss(
  hash: HashFunction,
  digest: Uint8Array,
  salt: Uint8Array,
  bits: number,
  encoded: View,
  space: Workspace,
): void {
  const byteLength = Math.ceil((bits - 1) / 8);
  const hashAt = encoded.length - hash.digestBytes - 1;
  const own = within(encoded, hashAt, encoded.length - 1);
  const block = within(encoded, encoded.length - byteLength, hashAt);
  const hasher = new Hasher(hash, space);
  hasher.update(EIGHT_ZEROS);
  hasher.update(digest);
  hasher.update(salt);
  hasher.digest(own);
  encoded.fill(0, 0, hashAt);
  block[block.length - salt.length - 1] = 1;
  block.set(salt, block.length - salt.length);
  addMask(hash, own, block, space);
  block[0] = (block[0] as number) & (255 >> (byteLength * 8 - (bits - 1)));
  encoded[encoded.length - 1] = 0xbc;
}

const EIGHT_ZEROS = new Uint8Array(8);

/**
 * EMSA-PKCS1-v1_5 (RFC 8017, section 9.2).
 *
 * @param encoded as long as the modulus
 */
export function encodePkcs1(hash: HashFunction, digest: Uint8Array, encoded: View): void {
  const { digestBytes } = hash;
  const information = [
    ...[0x30, 17 + digestBytes, 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2],
    ...[IDENTIFIERS.get(digestBytes) as number, 5, 0, 4, digestBytes],
  ];
  const start = encoded.length - digestBytes - information.length;
  encoded.fill(255, 2, start - 1);
  encoded.set([0, 1]);
  encoded.set([0, ...information], start - 1);
  encoded.set(digest, encoded.length - digestBytes);
}

/** The last number of the object identifiers of SHA-256, SHA-384 and SHA-512, by their length. */
const IDENTIFIERS: ReadonlyMap<number, number> = new Map([
  [32, 1],
  [48, 2],
  [64, 3],
]);
