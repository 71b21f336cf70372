import { curveBy, curveOf, EC, ED25519, RSA, X25519 } from "./algorithms.ts";
import { isSame, type View } from "./bytes.ts";
import {
  BIT_STRING,
  type Der,
  DerReader,
  der,
  derSequence,
  derUnsigned,
  NULL,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  SEQUENCE,
} from "./der.ts";
import type { KeyType } from "./key.ts";
import type { Material } from "./material.ts";
import { parsePkcs1 } from "./pkcs1.ts";
import { damaged, explicitCurve, noCurve, otherCurve, unsupported } from "./refusal.ts";
import { parseSec1 } from "./sec1.ts";

/** Tags of the optional parts. */
const ATTRIBUTES = 0xa0;
const PUBLIC_KEY = 0x81;
/** What ring, a library for Rust, wrote in the place of that before its version 0.17: the bit string whole, within. */
const WRAPPED_KEY = 0xa1;

/** PrivateKeyInfo (RFC 5208) or OneAsymmetricKey (RFC 5958). */
export function parsePkcs8(bytes: View): Material {
  const outer = new DerReader(bytes);
  const reader = outer.enter(SEQUENCE);
  outer.end();
  const version = reader.small();
  if (version > 1) throw damaged("its DER");
  const algorithm = parseAlgorithm(reader);
  const content = reader.read(OCTET_STRING);
  if (reader.next === ATTRIBUTES) reader.read(ATTRIBUTES);
  const stated = version === 1 ? statedIn(reader) : null;
  reader.end();
  return readContent(algorithm, content, stated);
}

function statedIn(reader: DerReader): View | null {
  if (reader.next === PUBLIC_KEY) return reader.bits(PUBLIC_KEY);
  if (reader.next !== WRAPPED_KEY) return null;
  const inner = reader.enter(WRAPPED_KEY);
  const stated = inner.bits();
  inner.end();
  return stated;
}

function readContent(type: KeyType, content: View, stated: View | null): Material {
  if (type === "rsa") return parsePkcs1(content);
  if (type !== "ed25519" && type !== "x25519") {
    const material = parseSec1(content, type);
    return { ...material, stated: material.stated ?? stated };
  }
  const inner = new DerReader(content); // RFC 8410, section 7
  const seed = inner.read(OCTET_STRING);
  inner.end();
  return { type, seed, stated };
}

/** AlgorithmIdentifier of a key. @throws {LetheError} `ERR_LETHE_UNSUPPORTED` */
export function parseAlgorithm(reader: DerReader): KeyType {
  const algorithm = reader.enter(SEQUENCE);
  const oid = algorithm.read(OBJECT_IDENTIFIER);
  if (isSame(oid, ED25519) || isSame(oid, X25519)) {
    algorithm.end(); // RFC 8410, section 3: no parameters
    return isSame(oid, ED25519) ? "ed25519" : "x25519";
  }
  if (isSame(oid, RSA)) {
    if (!algorithm.done && algorithm.read(NULL).length > 0) throw damaged("its DER");
    algorithm.end();
    return "rsa";
  }
  if (!isSame(oid, EC)) {
    throw unsupported(
      "its algorithm is not one of Ed25519, X25519, ECDSA, ECDH and RSA",
      "make a key of one of these",
    );
  }
  if (algorithm.done) throw noCurve();
  if (algorithm.next !== OBJECT_IDENTIFIER) throw explicitCurve();
  const curve = curveBy("oid", algorithm.read(OBJECT_IDENTIFIER));
  algorithm.end();
  if (curve === undefined) throw otherCurve();
  return curve.type;
}

/** AlgorithmIdentifier, to be written. */
export function algorithmOf(type: KeyType): Der {
  const oid = (content: readonly number[]): Der => der(OBJECT_IDENTIFIER, content);
  if (type === "rsa") return derSequence(oid(RSA), der(NULL, []));
  const curve = curveOf(type);
  if (curve !== undefined) return derSequence(oid(EC), oid(curve.oid));
  return derSequence(oid(type === "ed25519" ? ED25519 : X25519));
}

/**
 * PrivateKeyInfo, to be written, in the version that everything reads.
 *
 * @param secret seed, scalar or RSAPrivateKey
 */
export function pkcs8Of(type: KeyType, secret: View, publicKey: View): Der {
  return derSequence(derUnsigned([0]), algorithmOf(type), contentOf(type, secret, publicKey));
}

function contentOf(type: KeyType, secret: View, publicKey: View): Der {
  if (type === "rsa") return der(OCTET_STRING, secret);
  if (curveOf(type) === undefined) return der(OCTET_STRING, [der(OCTET_STRING, secret)]);
  const key = derSequence(
    derUnsigned([1]),
    der(OCTET_STRING, secret),
    der(0xa1, [der(BIT_STRING, publicKey, [0])]),
  );
  return der(OCTET_STRING, [key]);
}
