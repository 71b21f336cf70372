import { outOfRange } from "../../core/arguments/argument_error.ts";
import { LetheError } from "../../core/contract/errors.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { freshOf } from "../../core/fresh.ts";
import { curveNamed } from "./algorithms.ts";
import type { View } from "./bytes.ts";
import { checkModulus } from "./held_key.ts";
import type { KeyType } from "./key.ts";
import { parsePkcs1 } from "./pkcs1.ts";
import { curveConstants, type NistCurve } from "./primitives/curve_constants.ts";
import { CURVE_HASHES, ECDSA_ROOM, signEcdsa } from "./primitives/ecdsa.ts";
import { Hasher, type HashFunction } from "./primitives/hash.ts";
import { isScalar } from "./primitives/nist_point.ts";
import { encodePkcs1, encodePss, pssRoom } from "./primitives/rsa_encoding.ts";
import { belongTogether, type RsaNumbers, rsaRoom } from "./primitives/rsa_numbers.ts";
import { rsaDecrypt, rsaPowerRoom } from "./primitives/rsa_power.ts";
import { SHA256 } from "./primitives/sha256.ts";
import { SHA384, SHA512 } from "./primitives/sha512.ts";
import { roundUp, type Workspace, withWorkspace } from "./primitives/workspace.ts";
import { invalid, unsupported } from "./refusal.ts";

/** A key within a scope, as {@link PrivateKey} has it, and what RSA takes beside it. */
export interface SigningKey {
  readonly type: NistCurve | "rsa";
  readonly secretKey: View;
  readonly hash: "sha256" | "sha384" | "sha512";
  /** With `pss` the salt is as long as the hash, and MGF1 is over the same hash. */
  readonly padding: "pkcs1" | "pss";
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
    throw invalid(`it is not a scalar of ${type}; restore or make the key`, "put secret");
  }
  const numbers = numbersOf(secretKey);
  const { n, p, q, d, qi, dp, dq } = numbers;
  const bits = checkModulus(n, numbers.e);
  if (bits < RSA_SIGNING_BITS.least || bits > RSA_SIGNING_BITS.most) {
    throw unsupported(
      `it is an RSA key of ${bits} bits`,
      "only keys of 2048 to 4096 bits can sign here; make another one",
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
 * Signs: ECDSA with the hash of the curve (SHA-256, SHA-384, SHA-512), as IEEE P1363; RSA with PKCS#1 v1.5 or PSS.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_INVALID` when the signature is not one of that key: a number of it was
 * altered, or the machine miscounted
 */
export function signMessage(
  secrets: Secrets,
  key: SigningKey,
  message: Uint8Array,
  signature: Uint8Array,
): void {
  if (key.type === "rsa") {
    signByRsa(secrets, key, message, signature);
    return;
  }
  const { type, secretKey } = key;
  const hash = CURVE_HASHES[type];
  withWorkspace(secrets, ECDSA_ROOM + digestRoom(hash), (space) =>
    signEcdsa(type, secretKey, digestOf(hash, message, space), signature, space),
  );
}

function signByRsa(
  secrets: Secrets,
  { secretKey, hash, padding }: SigningKey,
  message: Uint8Array,
  signature: Uint8Array,
): void {
  const numbers = numbersOf(secretKey);
  const { n, e } = numbers;
  const chosen = RSA_HASHES[hash];
  const room = rsaPowerRoom(n.length) + digestRoom(chosen) + pssRoom(chosen) + roundUp(n.length);
  const whole = withWorkspace(secrets, room + roundUp(chosen.digestBytes), (space) => {
    const digest = digestOf(chosen, message, space);
    const encoded = space.bytes(n.length);
    if (padding === "pss") {
      const salt = space.bytes(chosen.digestBytes);
      freshOf(secrets).fill(salt);
      encodePss(chosen, digest, salt, checkModulus(n, e), encoded, space);
    } else {
      encodePkcs1(chosen, digest, encoded);
    }
    return rsaDecrypt(secrets, numbers, encoded, signature, space);
  });
  if (!whole) throw wrongSignature();
}

/** Of an RSA signature that does not verify: it stays where it was made. */
export function wrongSignature(): LetheError {
  return new LetheError(
    "ERR_LETHE_KEY_INVALID",
    "Cannot sign: the signature is not one of this key, and would give it away; restore the key, and test the memory of this machine if it is whole",
  );
}

export const RSA_HASHES: Readonly<Record<SigningKey["hash"], HashFunction>> = {
  sha256: SHA256,
  sha384: SHA384,
  sha512: SHA512,
};

function digestRoom(hash: HashFunction): number {
  return Hasher.room(hash) + roundUp(hash.digestBytes);
}

function digestOf(hash: HashFunction, message: Uint8Array, space: Workspace): View {
  const digest = space.bytes(hash.digestBytes);
  const hasher = new Hasher(hash, space);
  hasher.update(message);
  hasher.digest(digest);
  return digest;
}

/** The numbers of a key, which have to be all there. */
export function numbersOf(secretKey: View): RsaNumbers & { readonly n: View; readonly e: View } {
  const { n, e, d, p, q, dp, dq, qi } = parsePkcs1(secretKey);
  if (dp !== null && dq !== null) return { n, e, d, p, q, dp, dq, qi };
  throw invalid("its numbers are not all there; restore the key");
}
