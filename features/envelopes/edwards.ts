/** Points of Curve25519 in both of its forms. Public keys alone: it computes with BigInt. */
import type { View } from "./bytes.ts";

const P = 2n ** 255n - 19n;

/**
 * The X25519 key of an Ed25519 key (RFC 7748, section 4.1): u = (1 + y) / (1 - y).
 *
 * @returns null when `publicKey` is not a point of the curve
 */
export function toMontgomery(publicKey: Uint8Array): View | null {
  const number = littleEndian(publicKey);
  const y = number & (2n ** 255n - 1n);
  if (y >= P || !isOnCurve(y)) return null;
  return bytesOf(modulo((1n + y) * inverse(1n - y)));
}

/** Whether some x has -x^2 + y^2 = 1 + d x^2 y^2. */
function isOnCurve(y: bigint): boolean {
  const d = modulo(-121665n * inverse(121666n));
  const square = modulo((y * y - 1n) * inverse(d * y * y + 1n));
  return square === 0n || power(square, (P - 1n) / 2n) === 1n;
}

function inverse(value: bigint): bigint {
  return power(modulo(value), P - 2n);
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n, square = modulo(square * square))
    if ((rest & 1n) === 1n) result = modulo(result * square);
  return result;
}

function modulo(value: bigint): bigint {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function bytesOf(value: bigint): View {
  const bytes = new Uint8Array(new ArrayBuffer(32));
  for (let at = 0, rest = value; at < bytes.length; at++, rest >>= 8n) {
    bytes[at] = Number(rest & 255n);
  }
  return bytes;
}
