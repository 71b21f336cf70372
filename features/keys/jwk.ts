import { codecFor } from "../../core/codec.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { ascii } from "../../core/sealed_key_mark.ts";
import { born } from "../crypto/lend.ts";
import { curveBy, curveOf } from "./algorithms.ts";
import {
  copyOf,
  isSame,
  isText,
  lengthOfPieces,
  type Piece,
  trimmed,
  type View,
  within,
  writePieces,
} from "./bytes.ts";
import { JsonReader, type Member, stringOf, twice } from "./json.ts";
import { escaped, unescaped } from "./json_text.ts";
import type { KeyType } from "./key.ts";
import type { Material, PublicMaterial } from "./material.ts";
import { parsePkcs1, parsePkcs1Public } from "./pkcs1.ts";
import { roundUp, type Workspace, withWorkspace } from "./primitives/workspace.ts";
import { damaged, unsupported, wrongFormat } from "./refusal.ts";

/** The members of a JWK (RFC 7517), or of the entry of a JWKS that is meant. */
export function jwkMembers(text: View, keyId: Uint8Array | undefined): readonly Member[] {
  const reader = new JsonReader(text);
  const members = reader.object();
  reader.end();
  const lists = members.filter(({ name, isString }) => !isString && isText(name, "keys"));
  if (lists.length > 1) throw twice("keys");
  const [list] = lists;
  if (list === undefined) {
    if (keyId !== undefined && !hasId(members, keyId)) throw noneOfId();
    return members;
  }
  const array = new JsonReader(list.value);
  const entries = array.array().map((entry) => new JsonReader(entry).object());
  array.end();
  const meant = keyId === undefined ? entries : entries.filter((entry) => hasId(entry, keyId));
  const [entry] = meant;
  if (entry !== undefined && meant.length === 1) return entry;
  if (meant.length > 1) {
    throw wrongFormat(
      `it has ${meant.length} keys${keyId === undefined ? "" : " of that kid"}; name the one that is meant with keyId, as the bytes of its kid, or write it into a separate file`,
    );
  }
  throw keyId === undefined
    ? wrongFormat("it is a JWKS without a key; correct the path")
    : noneOfId();
}

function noneOfId(): Error {
  return wrongFormat("it has no key of that kid; correct keyId, or leave it out");
}

function hasId(members: readonly Member[], keyId: Uint8Array): boolean {
  const id = stringOf(members, "kid");
  return isSame(id === null ? [] : unescaped(id), keyId);
}

/** What `kid` says. */
export function keyIdOf(members: readonly Member[]): View | null {
  const id = stringOf(members, "kid");
  return id === null || id.length === 0 ? null : copyOf(unescaped(id));
}

/** The private key of a JWK (RFC 7518, section 6; RFC 8037), decoded for the time of `use`. */
export function withJwk<T>(
  secrets: Secrets,
  members: readonly Member[],
  use: (material: Material) => T,
): T {
  const shape = publicJwk(members);
  if (stringOf(members, "d") === null) {
    throw wrongFormat(
      "it is a JWK without its private part d; read it with parsePublicKey() or lethe key public",
    );
  }
  const room = members.reduce((sum, { value }) => sum + roundUp(value.length), 0);
  return withWorkspace(secrets, room, (space) => {
    const secret = (name: string): View => decodeSecret(members, name, space);
    if (shape.type === "rsa") {
      if (members.some(({ name }) => isText(name, "oth"))) {
        throw unsupported("it is an RSA key of more than two primes", "make one of two primes");
      }
      const number = (name: string): View => trimmed(secret(name));
      const { n, e } = shape;
      const [d, p, q] = [number("d"), number("p"), number("q")];
      return use({
        ...{ type: "rsa", n, e, d, p, q },
        dp: number("dp"),
        dq: number("dq"),
        qi: number("qi"),
      });
    }
    const d = secret("d");
    const { type, point } = shape;
    if (type === "ed25519" || type === "x25519") return use({ type, seed: d, stated: point });
    return use({ type, scalar: d, stated: point });
  });
}

function decodeSecret(members: readonly Member[], name: string, space: Workspace): View {
  const text = stringOf(members, name);
  if (text === null) {
    throw unsupported(
      `it is an RSA key without ${name}`,
      "write all of n, e, d, p, q, dp, dq and qi into it, as crypto.createPrivateKey() and jose do",
    );
  }
  return decodeInto(text, (byteLength) => space.bytes(byteLength));
}

function decodeInto(text: View, room: (byteLength: number) => View): View {
  const codec = codecFor("base64url", "parse");
  const byteLength = codec.decodedLength(text);
  if (byteLength < 1) throw damaged("its base64url");
  const target = room(byteLength);
  if (!codec.decode(text, target)) throw damaged("its base64url");
  return target;
}

/** The public part of a JWK. */
export function publicJwk(members: readonly Member[]): PublicMaterial {
  const kind = stringOf(members, "kty");
  const curveName = stringOf(members, "crv") ?? new Uint8Array(0);
  const open = (name: string): View => {
    const text = stringOf(members, name);
    if (text === null) throw wrongFormat(`it is a JWK without ${name}; export it whole`);
    return decodeInto(text, (byteLength) => new Uint8Array(new ArrayBuffer(byteLength)));
  };
  if (kind === null) {
    throw wrongFormat("it is JSON without kty, and no JWK; take the key out of it first");
  }
  if (isText(kind, "RSA")) return { type: "rsa", n: trimmed(open("n")), e: trimmed(open("e")) };
  if (isText(kind, "EC")) {
    const curve = curveBy("jwk", curveName);
    if (curve !== undefined) return { type: curve.type, point: pointOf(curve.byteLength, open) };
  }
  if (isText(kind, "OKP")) {
    if (isText(curveName, "Ed25519")) return { type: "ed25519", point: open("x") };
    if (isText(curveName, "X25519")) return { type: "x25519", point: open("x") };
  }
  if (isText(kind, "oct")) {
    throw unsupported("it is a symmetric key", "take k out of it and give it to secrets.decode()");
  }
  throw unsupported(
    "its kty and crv are not of Ed25519, X25519, P-256, P-384, P-521 or RSA",
    "make a key of one of these",
  );
}

function pointOf(byteLength: number, open: (name: string) => View): View {
  const point = new Uint8Array(new ArrayBuffer(1 + 2 * byteLength));
  point[0] = 4;
  for (const [axis, name] of ["x", "y"].entries()) {
    const coordinate = open(name);
    if (coordinate.length > byteLength) throw damaged("its public part");
    point.set(coordinate, 1 + (axis + 1) * byteLength - coordinate.length);
  }
  return point;
}

/** A private key as JSON, in a new secret. */
export function formatJwk(
  secrets: Secrets,
  type: KeyType,
  secret: View,
  publicKey: View,
  keyId: Uint8Array | null,
): SecretBuffer {
  return withWorkspace(secrets, 2 * secret.length + 512, (space) => {
    const encode = (bytes: View): View => encodeIn(bytes, (length) => space.bytes(length));
    const pieces = [...openPieces(type, publicKey, keyId)];
    if (type === "rsa") {
      const { d, p, q, dp, dq, qi } = parsePkcs1(secret);
      for (const [name, number] of Object.entries({ d, p, q, dp, dq, qi })) {
        pieces.push(...member(name, encode(number as View)));
      }
    } else {
      pieces.push(...member("d", encode(secret)));
    }
    pieces.push(ascii("}"));
    return born(secrets, lengthOfPieces(pieces), (bytes) => writePieces(pieces, bytes));
  });
}

/** A public key as JSON. */
export function formatPublicJwk(type: KeyType, publicKey: View, keyId: Uint8Array | null): View {
  const pieces = [...openPieces(type, publicKey, keyId), ascii("}")];
  const text = new Uint8Array(new ArrayBuffer(lengthOfPieces(pieces)));
  writePieces(pieces, text);
  return text;
}

/** An object without its end. */
function openPieces(type: KeyType, publicKey: View, keyId: Uint8Array | null): readonly Piece[] {
  const encode = (bytes: View): View =>
    encodeIn(bytes, (length) => new Uint8Array(new ArrayBuffer(length)));
  const id = keyId === null ? [] : member("kid", escaped(keyId));
  if (type === "rsa") {
    const rsa = parsePkcs1Public(publicKey);
    if (rsa.type !== "rsa") throw damaged("its public part");
    return [
      ascii('{"kty":"RSA"'),
      ...id,
      ...member("n", encode(rsa.n)),
      ...member("e", encode(rsa.e)),
    ];
  }
  const curve = curveOf(type);
  if (curve === undefined) {
    const name = ascii(type === "ed25519" ? "Ed25519" : "X25519");
    return [
      ascii('{"kty":"OKP"'),
      ...id,
      ...member("crv", name),
      ...member("x", encode(publicKey)),
    ];
  }
  const [x, y] = [1, 1 + curve.byteLength].map((start) =>
    encode(within(publicKey, start, start + curve.byteLength)),
  ) as [View, View];
  return [
    ascii('{"kty":"EC"'),
    ...id,
    ...member("crv", curve.jwk),
    ...member("x", x),
    ...member("y", y),
  ];
}

function member(name: string, value: Piece): readonly Piece[] {
  return [ascii(`,"${name}":"`), value, ascii('"')];
}

function encodeIn(bytes: View, room: (length: number) => View): View {
  const codec = codecFor("base64url", "format");
  const text = room(codec.encodedLength(bytes.length));
  codec.encode(bytes, text);
  return text;
}
