import { generateKeyPairSync, type KeyObject } from "node:crypto";
import type { KeyType } from "../../../features/keys/mod.ts";

/** A fresh private key of each type, by Node. */
export function makeNodeKeys(): Readonly<Record<KeyType, KeyObject>> {
  const ec = (namedCurve: string): KeyObject =>
    generateKeyPairSync("ec", { namedCurve }).privateKey;
  return {
    ed25519: generateKeyPairSync("ed25519").privateKey,
    x25519: generateKeyPairSync("x25519").privateKey,
    p256: ec("P-256"),
    p384: ec("P-384"),
    p521: ec("P-521"),
    rsa: generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey,
  };
}
