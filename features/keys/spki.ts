import type { View } from "./bytes.ts";
import { BIT_STRING, type Der, DerReader, der, derSequence, SEQUENCE } from "./der.ts";
import type { KeyType } from "./key.ts";
import type { PublicMaterial } from "./material.ts";
import { parsePkcs1Public } from "./pkcs1.ts";
import { algorithmOf, parseAlgorithm } from "./pkcs8.ts";

/** SubjectPublicKeyInfo (RFC 5280, section 4.1). */
export function parseSpki(bytes: View): PublicMaterial {
  const outer = new DerReader(bytes);
  const reader = outer.enter(SEQUENCE);
  outer.end();
  const type = parseAlgorithm(reader);
  const point = reader.bits();
  reader.end();
  return type === "rsa" ? parsePkcs1Public(point) : { type, point };
}

/** SubjectPublicKeyInfo, to be written. @param publicKey as {@link PublicKey} has it */
export function spkiOf(type: KeyType, publicKey: View): Der {
  return derSequence(algorithmOf(type), der(BIT_STRING, publicKey, [0]));
}
