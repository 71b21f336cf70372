import { wrongType } from "../../../core/arguments/argument_error.ts";

/** Keys that sign. P-256, P-384 and P-521 are the NIST curves of ECDSA. */
export type KeyPairType = "ed25519" | "p256" | "p384" | "p521" | "rsa";

export const KEY_PAIR_TYPES: readonly KeyPairType[] = ["ed25519", "p256", "p384", "p521", "rsa"];

/** Keys that agree with those of others on a secret: X25519, and ECDH on the NIST curves. */
export type AgreeingType = "x25519" | "p256" | "p384" | "p521";

export const AGREEING_TYPES: readonly AgreeingType[] = ["x25519", "p256", "p384", "p521"];

/**
 * Where a key pair is. `vault`: sealed, and opened into guarded memory for each use. `secure heap`: open in
 * OpenSSL's secure heap, where OpenSSL uses it. Node.js alone has one.
 */
export type KeyPlace = "vault" | "secure heap";

export const KEY_PLACES: readonly KeyPlace[] = ["vault", "secure heap"];

/** The hashes and the paddings that an RSA key signs with. */
export const RSA_HASHES = ["sha256", "sha384", "sha512"] as const;
export const RSA_PADDINGS = ["pkcs1", "pss"] as const;

/** @throws {TypeError} unless it is one of the choices, or left out */
export function checkSignChoice<const T extends string>(
  value: unknown,
  parameter: string,
  choices: readonly T[],
): T | undefined {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined || value === undefined) return found;
  throw wrongType(`Cannot sign as ${parameter} must be one of ${choices.join(", ")}`);
}
