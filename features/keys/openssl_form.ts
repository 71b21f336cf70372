import { curveNamed, curveOf } from "./algorithms.ts";
import { copyOf, type View, within } from "./bytes.ts";
import {
  type Der,
  DerReader,
  der,
  derLength,
  derSequence,
  derUnsigned,
  OCTET_STRING,
  SEQUENCE,
  writeDer,
} from "./der.ts";
import type { KeyType } from "./key.ts";
import { algorithmOf } from "./pkcs8.ts";
import type { NistCurve } from "./primitives/curve_constants.ts";
import { numbersOf } from "./signing.ts";
import { spkiOf } from "./spki.ts";

/** A private key as OpenSSL takes it in, and the secret bytes that its form is written from. */
export interface OpensslForm {
  readonly element: Der;
  /** Each as often as it is written. Of the key's own bytes: whoever fills them and writes the element again has the form of another key. */
  readonly secretNumbers: readonly Uint8Array[];
}

/**
 * PrivateKeyInfo (RFC 5208) with the fewest secrets that OpenSSL computes with: of an EC key no public part, of an
 * RSA key no factors. OpenSSL would copy those into ordinary memory with the first use, as moduli of
 * its Montgomery forms. In their place stand the modulus itself and 1, so that what is copied is public: the exponent
 * modulo n gives the result, and modulo 1 nothing. That costs the speed which the factors are for.
 *
 * @param secretKey as {@link PrivateKey} has it, checked
 */
export function opensslForm(type: KeyType, secretKey: View): OpensslForm {
  if (type === "rsa") {
    const { n, e, d } = numbersOf(secretKey);
    const numbers = [[0], n, e, d, n, [1], d, [1], [1]].map(derUnsigned);
    return formOf(type, derSequence(...numbers), [d, d]);
  }
  if (curveOf(type) !== undefined) {
    const key = derSequence(derUnsigned([1]), der(OCTET_STRING, secretKey));
    return formOf(type, key, [secretKey]);
  }
  const seed = within(secretKey, 0, 32);
  return formOf(type, der(OCTET_STRING, seed), [seed]);
}

function formOf(type: KeyType, key: Der, secretNumbers: readonly Uint8Array[]): OpensslForm {
  const element = derSequence(derUnsigned([0]), algorithmOf(type), der(OCTET_STRING, [key]));
  return { element, secretNumbers };
}

/** SubjectPublicKeyInfo of a public key that was checked. */
export function opensslPublicForm(type: KeyType, publicKey: View): View {
  const element = spkiOf(type, publicKey);
  const bytes = new Uint8Array(new ArrayBuffer(derLength(element)));
  writeDer(element, bytes);
  return bytes;
}

/** An ECDSA signature as r and s, each as long as a coordinate, of OpenSSL's DER. Public. */
export function fixedSignature(signature: Uint8Array, curve: NistCurve): View {
  const { byteLength } = curveNamed(curve);
  const reader = new DerReader(copyOf(signature)).enter(SEQUENCE);
  const fixed = new Uint8Array(new ArrayBuffer(2 * byteLength));
  for (const end of [byteLength, 2 * byteLength]) {
    const number = reader.unsigned();
    fixed.set(number, end - number.length);
  }
  reader.end();
  return fixed;
}
