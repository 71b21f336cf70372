import { TextEncoder } from "../../system/node_builtins.ts";
import type { View } from "../envelopes/bytes.ts";
import {
  ATTRIBUTE_WORDS,
  CK_UNAVAILABLE_INFORMATION,
  CKA_CLASS,
  CKA_EC_PARAMS,
  CKA_EC_POINT,
  CKA_ID,
  CKA_KEY_TYPE,
  CKA_LABEL,
  CKA_MODULUS,
  CKA_PUBLIC_EXPONENT,
  CKK_AES,
  CKK_EC,
  CKK_RSA,
  CKO_PRIVATE_KEY,
  CKO_PUBLIC_KEY,
  CKO_SECRET_KEY,
} from "./cryptoki.ts";
import { notItsPublicHalf, pointOf } from "./ec_key.ts";
import type { Pkcs11Module } from "./module.ts";
import { failed, refused } from "./pkcs11_error.ts";
import type { Pkcs11Uri } from "./uri.ts";

/** A key on a token, as a session sees it. Handles are of that session. */
export type FoundKey =
  | {
      readonly kind: "rsa";
      /** Null: it is not there, or takes a login. */
      readonly privateKey: bigint | null;
      readonly publicKey: bigint | null;
      readonly modulus: View;
      readonly exponent: View;
    }
  | {
      readonly kind: "ec";
      readonly privateKey: bigint | null;
      readonly publicKey: bigint | null;
      /** Of P-256, not compressed. */
      readonly point: View;
    }
  | {
      readonly kind: "aes";
      readonly secretKey: bigint;
      readonly label: View;
      readonly id: View;
    };

type Attribute = readonly [type: bigint, value: Uint8Array];

/**
 * The one key that a URI names, with both of its halves where they are there.
 *
 * - FOUND-1: where several objects of a class fit, it is none of them
 * - FOUND-2: a public half that is not that of the private half is refused. Anyone with a session of the token can put one there
 *
 * @throws {Pkcs11Error}
 */
export function findKey(module: Pkcs11Module, session: bigint, uri: Pkcs11Uri): FoundKey {
  const { type } = uri;
  if (type === "cert" || type === "data") {
    throw failed("the URI names no key; its type must be private, public or secret-key");
  }
  const find = (keyClass: bigint): bigint | null => findOne(module, session, uri, keyClass);
  const secretKey = type === undefined || type === "secret-key" ? find(CKO_SECRET_KEY) : null;
  const privateKey = type === undefined || type === "private" ? find(CKO_PRIVATE_KEY) : null;
  const publicKey = type === "secret-key" ? null : find(CKO_PUBLIC_KEY);
  const half = privateKey ?? publicKey;
  if (secretKey !== null && half !== null) {
    throw failed("the URI fits both a secret key and a key pair; add type to it");
  }
  if (secretKey !== null) {
    if (typeOf(module, session, secretKey) !== CKK_AES) {
      throw failed(`the secret-key of the URI is not an AES key; ${USABLE}`);
    }
    return {
      kind: "aes",
      secretKey,
      label: attribute(module, session, secretKey, CKA_LABEL) ?? NOTHING,
      id: attribute(module, session, secretKey, CKA_ID) ?? NOTHING,
    };
  }
  if (half === null) {
    throw failed(
      "the token has no key that is the one of the URI, or shows it after a login alone; correct object, id and type, or pass pin",
    );
  }
  const keyType = typeOf(module, session, half);
  if (keyType === CKK_EC) {
    const halves = [privateKey, publicKey].flatMap((handle) =>
      handle === null
        ? []
        : [
            {
              parameters: attribute(module, session, handle, CKA_EC_PARAMS),
              point: attribute(module, session, handle, CKA_EC_POINT),
            },
          ],
    );
    return { kind: "ec", privateKey, publicKey, point: pointOf(halves) };
  }
  if (keyType !== CKK_RSA) {
    throw failed(`the key pair of the URI is not an RSA or EC key; ${USABLE}`);
  }
  return {
    kind: "rsa",
    privateKey,
    publicKey,
    ...numbersOf(module, session, privateKey, publicKey),
  };
}

function numbersOf(
  module: Pkcs11Module,
  session: bigint,
  privateKey: bigint | null,
  publicKey: bigint | null,
): { readonly modulus: View; readonly exponent: View } {
  const all = [privateKey, publicKey].flatMap((handle) => {
    const read = (type: bigint): View | null =>
      handle === null ? null : attribute(module, session, handle, type);
    const [modulus, exponent] = [read(CKA_MODULUS), read(CKA_PUBLIC_EXPONENT)];
    return modulus === null || exponent === null
      ? []
      : [{ modulus: withoutZeros(modulus), exponent: withoutZeros(exponent) }];
  });
  const [first, second] = all;
  if (first === undefined) {
    throw failed("the token does not show the public half of the key; store its public key there");
  }
  if (
    second !== undefined &&
    !(same(first.modulus, second.modulus) && same(first.exponent, second.exponent))
  ) {
    throw notItsPublicHalf();
  }
  return first;
}

function findOne(
  module: Pkcs11Module,
  session: bigint,
  { texts, id }: Pkcs11Uri,
  keyClass: bigint,
): bigint | null {
  const label = texts.get("object");
  const template: Attribute[] = [[CKA_CLASS, word(keyClass)]];
  if (label !== undefined) template.push([CKA_LABEL, new TextEncoder().encode(label)]);
  if (id !== undefined) template.push([CKA_ID, id]);
  const handles = search(module, session, template);
  if (handles.length > 1) {
    throw failed("more than one key is the one of the URI; add object, id or type to it");
  }
  return handles[0] ?? null;
}

/** At most two handles. */
function search(
  module: Pkcs11Module,
  session: bigint,
  template: readonly Attribute[],
): readonly bigint[] {
  const { scratch } = module;
  return scratch.frame(() => {
    const words = template.flatMap(([type, value]) => [
      type,
      scratch.copy(value).address,
      BigInt(value.length),
    ]);
    const list = scratch.words(...words);
    module.call("C_FindObjectsInit", session, list.address, BigInt(template.length));
    try {
      const [handles, count] = [scratch.reserve(16), scratch.reserve(8)];
      module.call("C_FindObjects", session, handles.address, 2n, count.address);
      return Array.from({ length: Number(count.word()) }, (_, index) => handles.word(index));
    } finally {
      module.ask("C_FindObjectsFinal", session); // the session ends the search as well
    }
  });
}

/** A public attribute, or null where the object has none, or does not show it. */
function attribute(
  module: Pkcs11Module,
  session: bigint,
  handle: bigint,
  type: bigint,
): View | null {
  const { scratch } = module;
  return scratch.frame(() => {
    const list = scratch.words(type, 0n, 0n);
    const returned = module.ask("C_GetAttributeValue", session, handle, list.address, 1n);
    if (NOT_SHOWN.has(returned)) return null;
    if (returned !== "CKR_OK") throw refused("C_GetAttributeValue", returned);
    const length = list.word(ATTRIBUTE_WORDS - 1);
    if (length === CK_UNAVAILABLE_INFORMATION || length === 0n) return null;
    const place = scratch.reserve(Number(length));
    new BigUint64Array(list.bytes.buffer, list.bytes.byteOffset, ATTRIBUTE_WORDS)[1] =
      place.address;
    module.call("C_GetAttributeValue", session, handle, list.address, 1n);
    return new Uint8Array(place.bytes);
  });
}

const NOT_SHOWN: ReadonlySet<string> = new Set([
  "CKR_ATTRIBUTE_TYPE_INVALID",
  "CKR_ATTRIBUTE_SENSITIVE",
]);
const NOTHING: View = new Uint8Array(new ArrayBuffer(0));

function typeOf(module: Pkcs11Module, session: bigint, handle: bigint): bigint | null {
  const type = attribute(module, session, handle, CKA_KEY_TYPE);
  return type?.length === 8 ? (new BigUint64Array(type.buffer)[0] ?? null) : null;
}

const USABLE = "keys of RSA, P-256 and AES can be used here";

function word(value: bigint): Uint8Array {
  return new Uint8Array(new BigUint64Array([value]).buffer);
}

/** As numbers are written: some modules put zeros in front. */
function withoutZeros(bytes: View): View {
  const start = bytes.findIndex((byte) => byte !== 0);
  return bytes.slice(Math.max(start, 0));
}

function same(one: View, other: View): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
