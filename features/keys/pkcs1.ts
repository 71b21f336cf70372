import type { Piece, View } from "./bytes.ts";
import {
  type Der,
  DerReader,
  derLength,
  derSequence,
  derUnsigned,
  SEQUENCE,
  writeDer,
} from "./der.ts";
import type { PublicMaterial, RsaMaterial } from "./material.ts";
import type { RsaNumbers } from "./primitives/rsa_numbers.ts";
import { damaged, unsupported } from "./refusal.ts";

/** RSAPrivateKey (RFC 8017, appendix A.1.2). */
export function parsePkcs1(der: View): RsaMaterial {
  const outer = new DerReader(der);
  const reader = outer.enter(SEQUENCE);
  outer.end();
  const version = reader.small();
  if (version === 1) {
    throw unsupported("it is an RSA key of more than two primes", "make one of two primes");
  }
  if (version !== 0) throw damaged("its DER");
  const [n, e, d, p, q, dp, dq, qi] = Array.from({ length: 8 }, () => reader.unsigned()) as [
    View,
    View,
    View,
    View,
    View,
    View,
    View,
    View,
  ];
  reader.end();
  return { type: "rsa", n, e, d, p, q, dp, dq, qi };
}

/** RSAPublicKey (RFC 8017, appendix A.1.1). */
export function parsePkcs1Public(der: View): PublicMaterial {
  const outer = new DerReader(der);
  const reader = outer.enter(SEQUENCE);
  outer.end();
  const [n, e] = [reader.unsigned(), reader.unsigned()];
  reader.end();
  return { type: "rsa", n, e };
}

/** RSAPrivateKey, to be written. */
export function rsaPrivateKey({ n, e, d, p, q, dp, dq, qi }: RsaNumbers): Der {
  return derSequence(derUnsigned([0]), ...[n, e, d, p, q, dp, dq, qi].map(derUnsigned));
}

/** RSAPublicKey. Public. */
export function rsaPublicKey(n: Piece, e: Piece): View {
  const element = derSequence(derUnsigned(n), derUnsigned(e));
  const bytes = new Uint8Array(new ArrayBuffer(derLength(element)));
  writeDer(element, bytes);
  return bytes;
}
