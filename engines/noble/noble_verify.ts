import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { equalBytes } from "../../core/bytes.ts";

/**
 * Ed25519 verification that accepts exactly what libsodium accepts.
 *
 * noble's own is the cofactored one, which accepts signatures with a part of low order that libsodium
 * and OpenSSL refuse: two parties with different engines would disagree. Here the equation of RFC
 * 8032, section 5.1.7, is checked without the cofactor, on canonical points that are not of low order.
 * Everything it touches is public.
 */
export function verifyStrictly(
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  const { Point } = ed25519;
  const given = new Uint8Array(signature.buffer, signature.byteOffset, 32);
  const scalar = littleEndian(new Uint8Array(signature.buffer, signature.byteOffset + 32, 32));
  if (scalar >= Point.Fn.ORDER) return false;
  const hash = sha512.create().update(given).update(publicKey).update(message).digest();
  const challenge = littleEndian(hash) % Point.Fn.ORDER;
  try {
    const key = Point.fromBytes(publicKey, false);
    if (key.isSmallOrder()) return false;
    const point = Point.BASE.multiplyUnsafe(scalar).subtract(key.multiplyUnsafe(challenge));
    return !point.isSmallOrder() && equalBytes(point.toBytes(), given);
  } catch {
    return false; // no point of the curve, or not its canonical form
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let value = 0n;
  for (let at = bytes.length - 8; at >= 0; at -= 8) {
    value = (value << 64n) | view.getBigUint64(at, true);
  }
  return value;
}
