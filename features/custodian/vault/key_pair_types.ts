/** Keys that sign. P-256, P-384 and P-521 are the NIST curves of ECDSA. */
export type KeyPairType = "ed25519" | "p256" | "p384" | "p521" | "rsa";

export const KEY_PAIR_TYPES: readonly KeyPairType[] = ["ed25519", "p256", "p384", "p521", "rsa"];
