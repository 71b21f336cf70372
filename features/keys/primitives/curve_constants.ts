/** A NIST curve y^2 = x^3 - 3x + b (FIPS 186-4, appendix D.1.2; SEC 2, section 2). Public. */
export interface CurveConstants {
  /** Of a coordinate and of a scalar. */
  readonly byteLength: number;
  readonly p: bigint;
  readonly b: bigint;
  /** Order of the base point. */
  readonly order: bigint;
  readonly x: bigint;
  readonly y: bigint;
}

export type NistCurve = "p256" | "p384" | "p521";

/** Parsed when they are first asked for. */
export function curveConstants(curve: NistCurve): CurveConstants {
  known[curve] ??= CONSTANTS[curve]();
  return known[curve];
}

const known: Partial<Record<NistCurve, CurveConstants>> = Object.create(null);

const CONSTANTS: Readonly<Record<NistCurve, () => CurveConstants>> = {
  p256: () => ({
    byteLength: 32,
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    b: BigInt("0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b"),
    order: BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
    x: BigInt("0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
    y: BigInt("0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"),
  }),
  p384: () => ({
    byteLength: 48,
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: BigInt(
      "0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
    ),
    order: BigInt(
      "0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    ),
    x: BigInt(
      "0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7",
    ),
    y: BigInt(
      "0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
    ),
  }),
  p521: () => ({
    byteLength: 66,
    p: 2n ** 521n - 1n,
    b: BigInt(
      "0x0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00",
    ),
    order: BigInt(
      "0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
    ),
    x: BigInt(
      "0x00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66",
    ),
    y: BigInt(
      "0x011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
    ),
  }),
};

/** A public number from big-endian bytes. */
export function toNumber(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** Big-endian bytes of a public number. */
export function toBytes(number: bigint, byteLength: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(byteLength);
  for (let index = byteLength - 1, rest = number; index >= 0; index--, rest >>= 8n) {
    bytes[index] = Number(rest & 255n);
  }
  return bytes;
}

/**
 * The uncompressed form of a public point, which is on the curve, or null. It may be compressed (SEC 1,
 * section 2.3.4). Not for secret numbers: it computes with BigInt.
 */
export function readPoint(curve: NistCurve, point: Uint8Array): Uint8Array<ArrayBuffer> | null {
  const { byteLength, p, b } = curveConstants(curve);
  const [kind] = point;
  const compressed = kind === 2 || kind === 3;
  if (!compressed && kind !== 4) return null;
  if (point.length !== (compressed ? 1 : 2) * byteLength + 1) return null;
  const x = toNumber(point.slice(1, 1 + byteLength));
  if (x >= p) return null;
  const square = (((x * x - 3n) % p) * x + b) % p;
  let y = compressed ? power(square, (p + 1n) >> 2n, p) : toNumber(point.slice(1 + byteLength));
  if (compressed && (y & 1n) !== BigInt(kind & 1)) y = (p - y) % p;
  if (y >= p || (y * y - square) % p !== 0n) return null;
  const whole = new Uint8Array(1 + 2 * byteLength);
  whole[0] = 4;
  whole.set(toBytes(x, byteLength), 1);
  whole.set(toBytes(y, byteLength), 1 + byteLength);
  return whole;
}

function power(base: bigint, exponent: bigint, p: bigint): bigint {
  let [result, square] = [1n, ((base % p) + p) % p];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % p;
    square = (square * square) % p;
  }
  return result;
}
