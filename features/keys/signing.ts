import { outOfRange } from "../../core/arguments/argument_error.ts";
import { LetheError } from "../../core/contract/errors.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { curveNamed } from "./algorithms.ts";
import type { View } from "./bytes.ts";
import { checkModulus } from "./held_key.ts";
import type { KeyType } from "./key.ts";
import { parsePkcs1 } from "./pkcs1.ts";
import { curveConstants, type NistCurve } from "./primitives/curve_constants.ts";
import { CURVE_HASHES, ECDSA_ROOM, signEcdsa } from "./primitives/ecdsa.ts";
import { Hasher, type HashFunction } from "./primitives/hash.ts";
import { isScalar } from "./primitives/nist_point.ts";
import { belongTogether, type RsaNumbers, rsaRoom } from "./primitives/rsa_numbers.ts";
import { rsaDecrypt, rsaPowerRoom } from "./primitives/rsa_power.ts";
import { SHA256 } from "./primitives/sha256.ts";
import { SHA512 } from "./primitives/sha512.ts";
import { withWorkspace } from "./primitives/workspace.ts";
import { invalid, unsupported } from "./refusal.ts";

/** A key within a scope, as {@link PrivateKey} has it, and the hash that RSA takes. */
export interface SigningKey {
  readonly type: NistCurve | "rsa";
  readonly secretKey: View;
  readonly hash: "sha256" | "sha512";
}

/** RSA keys that sign: shorter ones are broken in sight, and longer ones would stop the process for seconds. */
const RSA_SIGNING_BITS = { least: 2048, most: 4096 } as const;

/**
 * Whether a key signs, before it is kept.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_INVALID`, `ERR_LETHE_KEY_DAMAGED`, `ERR_LETHE_UNSUPPORTED`
 * @throws {RangeError} for a scalar of another length
 */
export function checkSigningKey(
  secrets: Secrets,
  type: Exclude<KeyType, "ed25519" | "x25519">,
  secretKey: View,
): void {
  if (type !== "rsa") {
    const { byteLength } = curveNamed(type);
    if (secretKey.length !== byteLength) {
      throw outOfRange(`Cannot put secret as a ${type} key must have ${byteLength} bytes`);
    }
    if (isScalar(secretKey, curveConstants(type))) return;
    throw invalid(`it is no scalar of ${type}; restore or make the key`, "put secret");
  }
  const numbers = numbersOf(secretKey);
  const { n, p, q, d, qi, dp, dq } = numbers;
  const bits = checkModulus(n, numbers.e);
  if (bits < RSA_SIGNING_BITS.least || bits > RSA_SIGNING_BITS.most) {
    throw unsupported(
      `it is an RSA key of ${bits} bits`,
      "keys of 2048 to 4096 bits sign here; make another one",
    );
  }
  const least = n.length >> 2;
  const fits =
    Math.min(p.length, q.length) >= least &&
    p.length + q.length <= n.length + 1 &&
    d.length <= n.length &&
    Math.max(qi.length, dp.length) <= p.length &&
    dq.length <= q.length &&
    ((p[p.length - 1] as number) & (q[q.length - 1] as number) & 1) === 1;
  const whole =
    fits && withWorkspace(secrets, rsaRoom(n.length), (space) => belongTogether(numbers, space));
  if (!whole) {
    throw invalid("its numbers do not belong to one RSA key; restore the key", "put secret");
  }
}

/** How many bytes a signature by this key has: of ECDSA r and s, each as long as a coordinate. */
export function signatureLength(type: NistCurve | "rsa", secretKey: View): number {
  return type === "rsa" ? numbersOf(secretKey).n.length : 2 * curveNamed(type).byteLength;
}

/**
 * Signs: ECDSA with the hash of the curve (SHA-256, SHA-384, SHA-512), as IEEE P1363; RSA with PKCS#1 v1.5.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_INVALID` when the signature is not one of that key: a number of it was
 * altered, or the machine miscounted
 */
export function signMessage(
  secrets: Secrets,
  { type, secretKey, hash }: SigningKey,
  message: Uint8Array,
  signature: Uint8Array,
): void {
  if (type !== "rsa") {
    const own = CURVE_HASHES[type];
    withWorkspace(secrets, ECDSA_ROOM + Hasher.room(own) + 64, (space) => {
      const digest = space.bytes(own.digestBytes);
      const hasher = new Hasher(own, space);
      hasher.update(message);
      hasher.digest(digest);
      signEcdsa(type, secretKey, digest, signature, space);
    });
    return;
  }
  const numbers = numbersOf(secretKey);
  const chosen = hash === "sha512" ? SHA512 : SHA256;
  const encoded = encodePkcs1(secrets, message, chosen, numbers.n.length);
  const whole = withWorkspace(secrets, rsaPowerRoom(numbers.n.length), (space) =>
    rsaDecrypt(numbers, encoded, signature, space),
  );
  if (whole) return;
  throw new LetheError(
    "ERR_LETHE_KEY_INVALID",
    "Cannot sign: the signature is not one of this key, and would give it away; restore the key, and test the memory of this machine if it is whole",
  );
}

function numbersOf(secretKey: View): RsaNumbers & { readonly n: View; readonly e: View } {
  const { n, e, d, p, q, dp, dq, qi } = parsePkcs1(secretKey);
  if (dp !== null && dq !== null) return { n, e, d, p, q, dp, dq, qi };
  throw invalid("its numbers are not all there; restore the key");
}

/** EMSA-PKCS1-v1_5 (RFC 8017, section 9.2). Public, as far as the message is. */
function encodePkcs1(
  secrets: Secrets,
  message: Uint8Array,
  hash: HashFunction,
  byteLength: number,
): Uint8Array {
  const encoded = new Uint8Array(byteLength).fill(255);
  withWorkspace(secrets, Hasher.room(hash) + 64, (space) => {
    const digest = space.bytes(hash.digestBytes);
    const hasher = new Hasher(hash, space);
    hasher.update(message);
    hasher.digest(digest);
    encoded.set(digest, byteLength - digest.length);
  });
  const { digestBytes } = hash;
  const information = [
    ...[0x30, 17 + digestBytes, 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2],
    ...[digestBytes === 32 ? 1 : 3, 5, 0, 4, digestBytes],
  ];
  const start = byteLength - digestBytes - information.length;
  encoded.set([0, 1]);
  encoded.set([0, ...information], start - 1);
  return encoded;
}
