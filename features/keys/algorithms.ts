import { ascii } from "../../core/sealed_key_mark.ts";
import { isSame } from "./bytes.ts";
import type { KeyType } from "./key.ts";

/** A NIST curve, by all its names. */
export interface NamedCurve {
  readonly type: "p256" | "p384" | "p521";
  /** Of a scalar and of a coordinate. */
  readonly byteLength: number;
  readonly bits: number;
  /** Object identifier, the content of its DER (RFC 5480, section 2.1.1.1). */
  readonly oid: readonly number[];
  /** RFC 5656, section 10.1. */
  readonly ssh: readonly number[];
  /** RFC 7518, section 6.2.1.1. */
  readonly jwk: readonly number[];
}

export const CURVES: readonly NamedCurve[] = [
  {
    type: "p256",
    byteLength: 32,
    bits: 256,
    oid: [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7],
    ssh: ascii("nistp256"),
    jwk: ascii("P-256"),
  },
  {
    type: "p384",
    byteLength: 48,
    bits: 384,
    oid: [0x2b, 0x81, 4, 0, 0x22],
    ssh: ascii("nistp384"),
    jwk: ascii("P-384"),
  },
  {
    type: "p521",
    byteLength: 66,
    bits: 521,
    oid: [0x2b, 0x81, 4, 0, 0x23],
    ssh: ascii("nistp521"),
    jwk: ascii("P-521"),
  },
];

/** Object identifiers of algorithms (RFC 8410, RFC 5480, RFC 8017), the content of their DER. */
export const ED25519: readonly number[] = [0x2b, 0x65, 0x70];
export const X25519: readonly number[] = [0x2b, 0x65, 0x6e];
export const EC: readonly number[] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
export const RSA: readonly number[] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];

export function curveOf(type: KeyType): NamedCurve | undefined {
  return CURVES.find((curve) => curve.type === type);
}

/** The curve of a type that has one. */
export function curveNamed(type: NamedCurve["type"]): NamedCurve {
  return curveOf(type) as NamedCurve;
}

/** The curve whose name of one kind is `name`. */
export function curveBy(kind: "oid" | "ssh" | "jwk", name: Uint8Array): NamedCurve | undefined {
  return CURVES.find((curve) => isSame(curve[kind], name));
}

/** Bits of an RSA modulus that are taken. */
export const RSA_BITS = { least: 1024, most: 16_384 } as const;

/** The form of a file may not be longer: the largest RSA key takes some 13,000 bytes as PEM. */
export const LONGEST_FILE = 65_536;
