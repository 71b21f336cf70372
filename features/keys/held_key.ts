import { equalBytes } from "../../core/bytes.ts";
import type { LetheError } from "../../core/contract/errors.ts";
import { isZero } from "../../core/is_zero.ts";
import { born } from "../crypto/lend.ts";
import { curveNamed, RSA_BITS } from "./algorithms.ts";
import { copyOf, trimmed, type View, within } from "./bytes.ts";
import type { KeyContext } from "./context.ts";
import { derLength, writeDer } from "./der.ts";
import type { PrivateKey } from "./key.ts";
import type { Material, RsaMaterial, ScalarMaterial, SeedMaterial } from "./material.ts";
import { rsaPrivateKey, rsaPublicKey } from "./pkcs1.ts";
import { type NistCurve, readPoint } from "./primitives/curve_constants.ts";
import { POINT_ROOM, publicPoint } from "./primitives/nist_point.ts";
import { belongTogether, crtExponent, rsaRoom } from "./primitives/rsa_numbers.ts";
import { withWorkspace } from "./primitives/workspace.ts";
import { damaged, invalid, unsupported } from "./refusal.ts";

/** The part of a key that is the same whatever form it came in. */
export type Held = Pick<PrivateKey, "type" | "bits" | "publicKey" | "secretKey">;

/**
 * Takes a key into a secret of its own.
 *
 * - HELD-1: the public key is computed from the private one; what the form says must be the same
 * - HELD-2: a scalar is in its range, the numbers of an RSA key belong together, nothing is all zero
 *
 * @throws {LetheError} `ERR_LETHE_KEY_INVALID`, `ERR_LETHE_KEY_DAMAGED` for a wrong length,
 * `ERR_LETHE_UNSUPPORTED`
 */
export function holdKey(context: KeyContext, material: Material): Held {
  switch (material.type) {
    case "rsa":
      return holdRsa(context, material);
    case "ed25519":
    case "x25519":
      return holdSeed(context, material);
    default:
      return holdScalar(context, material);
  }
}

const SEED_BYTES = 32;

function holdSeed({ secrets, engine, verb }: KeyContext, material: SeedMaterial): Held {
  const { type, seed, stated } = material;
  if (seed.length !== SEED_BYTES) throw damaged("its private part");
  checkNotZero(seed, verb);
  const chosen = engine(type);
  const publicKey = new Uint8Array(new ArrayBuffer(SEED_BYTES));
  const secretKey = born(secrets, type === "ed25519" ? 64 : SEED_BYTES, (bytes) => {
    bytes.set(seed);
    const own = within(bytes, 0, SEED_BYTES);
    if (type === "ed25519") {
      chosen.signPublicKey(publicKey, own);
      bytes.set(publicKey, SEED_BYTES);
    } else {
      chosen.agreePublicKey(publicKey, own);
    }
    checkStated(stated, publicKey, verb);
  });
  return { type, bits: 256, publicKey, secretKey };
}

function holdScalar({ secrets, verb }: KeyContext, material: ScalarMaterial): Held {
  const { type, scalar, stated } = material;
  const { byteLength, bits } = curveNamed(type);
  if (scalar.length > byteLength || scalar.length === 0) throw damaged("its private part");
  let publicKey: View = new Uint8Array(0);
  const secretKey = born(secrets, byteLength, (bytes) => {
    bytes.set(scalar, byteLength - scalar.length);
    publicKey = withWorkspace(secrets, POINT_ROOM, (space) => {
      const point = space.bytes(1 + 2 * byteLength);
      if (publicPoint(type, bytes, point, space)) return copyOf(point);
      throw invalid(`its private part is not a scalar of ${type}; restore or make the key`, verb);
    });
    checkStated(stated === null ? null : wholePoint(type, stated), publicKey, verb);
  });
  return { type, bits, publicKey, secretKey };
}

/** @throws {LetheError} unless it is a point of the curve */
export function wholePoint(type: NistCurve, point: View): View {
  const whole = readPoint(type, point);
  if (whole !== null) return whole;
  throw invalid(`its public part is not a point of ${type}; restore the key`);
}

function holdRsa({ secrets, verb }: KeyContext, material: RsaMaterial): Held {
  const { n, e, d, p, q, qi } = material;
  const bits = checkModulus(n, e);
  const least = n.length >> 2; // two primes of about half its length
  if (p.length < least || q.length < least || p.length + q.length > n.length + 1) {
    throw mismatch(verb);
  }
  if (d.length > n.length || qi.length > p.length) throw mismatch(verb);
  const secretKey = withWorkspace(secrets, rsaRoom(n.length), (space) => {
    const exponent = (prime: View): View => {
      const room = space.bytes(prime.length);
      crtExponent(d, prime, room, space);
      return trimmed(room);
    };
    const dp = material.dp ?? exponent(p);
    const dq = material.dq ?? exponent(q);
    if (dp.length > p.length || dq.length > q.length) throw mismatch(verb);
    const numbers = { n, e, d, p, q, dp, dq, qi };
    if (!belongTogether(numbers, space)) throw mismatch(verb);
    const element = rsaPrivateKey(numbers);
    return born(secrets, derLength(element), (bytes) => writeDer(element, bytes));
  });
  return { type: "rsa", bits, publicKey: rsaPublicKey(n, e), secretKey };
}

/** @returns its bits */
export function checkModulus(n: View, e: View): number {
  const [first = 0] = n;
  const bits = Math.max(0, n.length * 8 - (Math.clz32(first) - 24));
  if (bits < RSA_BITS.least || bits > RSA_BITS.most) {
    throw unsupported(
      `it is an RSA key of ${bits} bits`,
      `keys of ${RSA_BITS.least} to ${RSA_BITS.most} bits are read; make another one`,
    );
  }
  if (e.length > MOST_EXPONENT_BYTES) {
    throw unsupported(
      `it is an RSA key whose public exponent has more than ${MOST_EXPONENT_BYTES * 8} bits`,
      "make another one",
    );
  }
  const odd = ((n[n.length - 1] as number) & (e[e.length - 1] ?? 0) & 1) === 1;
  if (!odd || (e.length === 1 && (e[0] as number) < 3)) {
    throw invalid("its public part is not an RSA key; restore the key");
  }
  return bits;
}

/** NIST SP 800-56B allows up to 256 bits. */
const MOST_EXPONENT_BYTES = 32;

function mismatch(verb: string): LetheError {
  return invalid(
    "its numbers do not belong to one RSA key, and a signature with them could give it away; restore the key",
    verb,
  );
}

/** @throws {LetheError} `ERR_LETHE_KEY_INVALID` for another public key than the computed one */
export function checkStated(stated: View | null, publicKey: Uint8Array, verb: string): void {
  if (stated === null) return;
  if (stated.length === publicKey.length && equalBytes(stated, publicKey)) return;
  throw invalid("its public part is not that of its private part; restore the key", verb);
}

function checkNotZero(bytes: Uint8Array, verb: string): void {
  if (!isZero(bytes)) return;
  throw invalid("its private part holds nothing but zeros; restore or make the key", verb);
}
