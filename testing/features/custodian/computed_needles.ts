/** Keys and messages for the scenario `computed` of application.ts, and what must not be left of them. */
import { Buffer } from "node:buffer";
import * as node from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openSecrets } from "../../../adapters/node/mod.ts";
import type { Needle } from "../../../conformance/mod.ts";
import {
  curveConstants,
  type NistCurve,
  toBytes,
  toNumber,
} from "../../../features/keys/primitives/curve_constants.ts";
import { signMessage } from "../../../features/keys/signing.ts";

const CURVES: readonly (readonly [NistCurve, string])[] = [
  ["p256", "P-256"],
  ["p384", "P-384"],
  ["p521", "P-521"],
];

/** Writes the files. @returns needles; the first is the shared secret that the application exposes first */
export function putKeys(folder: string): readonly Needle[] {
  return putKeysOf(folder).needles;
}

/** What must not be left, and the scalars by which an ECDSA signature says its nonce. */
export interface PutKeys {
  readonly needles: readonly Needle[];
  readonly scalars: ReadonlyMap<NistCurve, Uint8Array>;
  readonly signed: Uint8Array;
}

export function putKeysOf(folder: string): PutKeys {
  const scalars = new Map<NistCurve, Uint8Array>();
  const [signed, decrypted] = [node.randomBytes(48), node.randomBytes(48)] as const;
  const shared: Needle[] = [];
  const needles: Needle[] = [];
  const put = (name: string, bytes: Uint8Array): void =>
    writeFileSync(join(folder, name), bytes, { mode: 0o600 });
  const add = (label: string, bytes: Uint8Array, to = needles): void =>
    void to.push({ label, bytes: new Uint8Array(bytes) });
  const putKey = (type: string, key: node.KeyObject) => {
    put(`${type}.key`, key.export({ type: "pkcs8", format: "der" }));
    return key.export({ format: "jwk" });
  };

  for (const [type, namedCurve] of CURVES) {
    const { privateKey } = node.generateKeyPairSync("ec", { namedCurve });
    const peer = node.createECDH(OPENSSL_NAMES[type]);
    const point = peer.generateKeys();
    put(`${type}.peer`, point);
    const own = bytesOf(putKey(type, privateKey).d);
    add(`${type} scalar`, own);
    scalars.set(type, own);
    add(`${type} nonce`, nonceOf(type, own, signed, signatureOf(type, own, signed)));
    const { x, y } = privateKey.export({ format: "jwk" });
    const publicPoint = Buffer.concat([Buffer.of(4), bytesOf(x), bytesOf(y)]);
    add(`${type} shared`, peer.computeSecret(publicPoint), shared);
  }
  const x25519 = node.generateKeyPairSync("x25519");
  const peer = node.generateKeyPairSync("x25519");
  put("x25519.peer", bytesOf(peer.publicKey.export({ format: "jwk" }).x));
  add("x25519 key", bytesOf(putKey("x25519", x25519.privateKey).d));
  add(
    "x25519 shared",
    node.diffieHellman({ privateKey: peer.privateKey, publicKey: x25519.publicKey }),
    shared,
  );
  add("seed", bytesOf(putKey("ed25519", node.generateKeyPairSync("ed25519").privateKey).d));

  const rsa = node.generateKeyPairSync("rsa", { modulusLength: 2048 });
  const numbers = putKey("rsa", rsa.privateKey);
  for (const number of ["d", "p", "q", "dp", "dq", "qi"] as const) {
    add(`rsa ${number}`, bytesOf(numbers[number]));
  }
  for (const oaepHash of ["sha256", "sha512"]) {
    const sealed = node.publicEncrypt({ key: rsa.publicKey, oaepHash }, decrypted);
    put(`${oaepHash}.sealed`, sealed);
    // Whoever has the padded message takes the padding off without a key.
    const key = { key: rsa.privateKey, padding: node.constants.RSA_NO_PADDING };
    add(`${oaepHash} encoded`, node.privateDecrypt(key, sealed));
  }
  put("signed", signed);
  put("decrypted", decrypted);
  add("signed message", signed);
  add("decrypted message", decrypted);
  return { needles: [...shared, ...needles], scalars, signed };
}

const OPENSSL_NAMES = { p256: "prime256v1", p384: "secp384r1", p521: "secp521r1" } as const;
const HASHES = { p256: "sha256", p384: "sha384", p521: "sha512" } as const;

function bytesOf(number: string | undefined): Buffer {
  return Buffer.from(number ?? "", "base64url");
}

/** By RFC 6979. */
function signatureOf(curve: NistCurve, scalar: Uint8Array, message: Uint8Array): Uint8Array {
  const { byteLength } = curveConstants(curve);
  const signature = new Uint8Array(2 * byteLength);
  const secretKey = new Uint8Array(new ArrayBuffer(byteLength));
  secretKey.set(scalar);
  const key = { type: curve, secretKey, hash: "sha256", padding: "pkcs1" } as const;
  signMessage(openSecrets({ memory: "heap" }), key, message, signature);
  return signature;
}

/** Of ECDSA, which gives the key away: what (digest + r * scalar) / s is modulo the order. */
export function nonceOf(
  curve: NistCurve,
  scalar: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Uint8Array {
  const { order, byteLength } = curveConstants(curve);
  const [r, s] = [
    toNumber(signature.subarray(0, byteLength)),
    toNumber(signature.subarray(byteLength)),
  ];
  const digest = toNumber(node.createHash(HASHES[curve]).update(message).digest());
  const inverse = power(s, order - 2n, order);
  const nonce = toBytes(((digest + r * toNumber(scalar)) * inverse) % order, byteLength);
  // A needle that were not the nonce would be found nowhere.
  const point = node.createECDH(OPENSSL_NAMES[curve]);
  point.setPrivateKey(nonce);
  const x = toNumber(point.getPublicKey().subarray(1, 1 + byteLength)) % order;
  if (x !== r) throw new Error(`No nonce of ${curve} was found`);
  return nonce;
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let [result, square] = [1n, base];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}
