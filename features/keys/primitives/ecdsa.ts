import { curveConstants, type NistCurve, toBytes } from "./curve_constants.ts";
import { Field } from "./field.ts";
import type { HashFunction } from "./hash.ts";
import { isScalar, POINT_ROOM, publicPoint } from "./nist_point.ts";
import { Hmac } from "./pbkdf2.ts";
import { reduce } from "./rsa_numbers.ts";
import { SHA256 } from "./sha256.ts";
import { SHA384, SHA512 } from "./sha512.ts";
import { roundUp, type Workspace } from "./workspace.ts";

/** The hash that goes with a curve: as long as its order, or for P-521 shorter. */
export const CURVE_HASHES: Readonly<Record<NistCurve, HashFunction>> = {
  p256: SHA256,
  p384: SHA384,
  p521: SHA512,
};

/** What {@link signEcdsa} takes of a {@link Workspace}. */
export const ECDSA_ROOM: number =
  POINT_ROOM + Field.room(66, 5) + Field.powersRoom(66) + 6 * Hmac.room(SHA512) + 12 * roundUp(140);

/**
 * ECDSA (FIPS 186-5, section 6.4) with the nonce of RFC 6979, which follows from key and digest: no random
 * number can give the key away. 1 to 20 ms of a processor.
 *
 * - ECDSA-1: no branch and no place in memory depends on the key or the nonce; that a nonce is drawn again, which
 *   happens once in 2^32 for P-256 and never for the others, tells of that nonce alone
 * - ECDSA-2: every value between is in secret memory
 *
 * @param scalar big-endian, 1 to the order less 1, as long as a coordinate
 * @param digest of the hash of the curve
 * @param target r and s, each as long as a coordinate (IEEE P1363)
 */
export function signEcdsa(
  curve: NistCurve,
  scalar: Uint8Array,
  digest: Uint8Array,
  target: Uint8Array,
  space: Workspace,
): void {
  const { order: number, byteLength } = curveConstants(curve);
  const order = toBytes(number, byteLength);
  const message = space.bytes(byteLength);
  reduce(digest, order, message);
  const field = new Field(order, space);
  const key = field.element();
  const hash = field.element();
  const part = field.element();
  const nonce = field.element();
  field.read(key, scalar);
  field.read(hash, message);
  const drawn = drawNonce(curve, scalar, message, space);
  const point = space.bytes(1 + 2 * byteLength);
  publicPoint(curve, drawn, point, space);
  const [r, s] = [0, 1].map((half) => {
    const { buffer, byteOffset } = target;
    return new Uint8Array(buffer, byteOffset + half * byteLength, byteLength);
  }) as [Uint8Array, Uint8Array];
  reduce(new Uint8Array(point.buffer, point.byteOffset + 1, byteLength), order, r);
  field.read(part, r);
  field.multiply(part, part, key);
  field.add(part, part, hash);
  field.read(nonce, drawn);
  field.invert(nonce, nonce, order, field.powers());
  field.multiply(part, part, nonce);
  field.write(part, s, hash);
}

/** RFC 6979, section 3.2. */
function drawNonce(
  curve: NistCurve,
  scalar: Uint8Array,
  message: Uint8Array,
  space: Workspace,
): Uint8Array {
  const hash = CURVE_HASHES[curve];
  const constants = curveConstants(curve);
  const { byteLength } = constants;
  const excess = byteLength * 8 - constants.order.toString(2).length;
  const [key, value] = [space.bytes(hash.digestBytes), space.bytes(hash.digestBytes)];
  value.fill(1);
  let hmac = new Hmac(hash, key, space);
  for (const mark of [0, 1]) {
    hmac.update(value);
    hmac.update(Uint8Array.of(mark));
    hmac.update(scalar);
    hmac.update(message);
    hmac.digest(key);
    hmac = new Hmac(hash, key, space);
    hmac.update(value);
    hmac.digest(value);
  }
  const drawn = space.bytes(byteLength);
  for (;;) {
    for (let at = 0; at < byteLength; at += hash.digestBytes) {
      hmac.update(value);
      hmac.digest(value);
      const length = Math.min(hash.digestBytes, byteLength - at);
      for (let index = 0; index < length; index++) drawn[at + index] = value[index] as number;
    }
    shiftRight(drawn, excess);
    if (isScalar(drawn, constants)) return drawn;
    hmac.update(value);
    hmac.update(Uint8Array.of(0));
    hmac.digest(key);
    hmac = new Hmac(hash, key, space);
    hmac.update(value);
    hmac.digest(value);
  }
}

/** @param bits fewer than 8 */
function shiftRight(bytes: Uint8Array, bits: number): void {
  for (let index = bytes.length - 1; index >= 0; index--) {
    bytes[index] = ((bytes[index] as number) | ((bytes[index - 1] ?? 0) << 8)) >> bits;
  }
}
