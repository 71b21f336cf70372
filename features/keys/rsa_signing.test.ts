import { Buffer } from "node:buffer";
import * as node from "node:crypto";
import { afterAll, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { makeRsaKey, numbersOfKey } from "../../testing/features/keys/rsa_numbers.ts";
import { copy } from "../../testing/features/keys/tools.ts";
import { SOAK } from "../../testing/tier.ts";
import { encodePkcs1, encodePss, pssRoom } from "./primitives/rsa_encoding.ts";
import { SHA256 } from "./primitives/sha256.ts";
import { SHA384, SHA512 } from "./primitives/sha512.ts";
import { withWorkspace } from "./primitives/workspace.ts";
import { checkSigningKey, type SigningKey, signatureLength, signMessage } from "./signing.ts";

const secrets = openSecrets({ memory: "heap" });
afterAll(() => secrets.purge());

const HASHES = { sha256: SHA256, sha384: SHA384, sha512: SHA512 } as const;
const NAMES = ["sha256", "sha384", "sha512"] as const;
type Hash = (typeof NAMES)[number];

/** In the soak also a modulus of which the encoded message has a byte less, and one of an odd length. */
const SIZES = SOAK ? [2048, 2049, 2056, 3072, 4096] : [2048];

/** Rounds for each hash: 1,000 signatures and more by keys of 2048 bits in the soak. */
const roundsOf = (bits: number): number => (!SOAK ? 1 : bits === 2048 ? 334 : 4);
const PATIENCE = SOAK ? 1_800_000 : 60_000;
type Bytes = Uint8Array<ArrayBuffer>;

interface Pair {
  readonly privateKey: node.KeyObject;
  readonly publicKey: node.KeyObject;
}

const pairs = new Map<string, Pair>();

/** Eight of each size in the soak, of which some have e = 3, and one daily. */
function pairOf(modulusLength: number, round: number): Pair {
  const name = `${modulusLength} ${SOAK ? round % 8 : 0}`;
  const publicExponent = round % 8 === 2 ? 3 : 65_537;
  const known = pairs.get(name);
  if (known !== undefined) return known;
  const privateKey = makeRsaKey(modulusLength, publicExponent);
  const pair = { privateKey, publicKey: node.createPublicKey(privateKey) };
  expect(pair.publicKey.asymmetricKeyDetails?.modulusLength).toBe(modulusLength);
  pairs.set(name, pair);
  return pair;
}

type Signing = Pick<SigningKey, "hash" | "padding">;

function signBy(secretKey: Bytes, message: Uint8Array, signing: Signing, signature: Bytes): void {
  signMessage(secrets, { type: "rsa", secretKey, ...signing }, message, signature);
}

function sign({ privateKey }: Pair, message: Uint8Array, signing: Signing): Buffer {
  const der = derOf(privateKey);
  const signature = new Uint8Array(signatureLength("rsa", der));
  signBy(der, message, signing, signature);
  return Buffer.from(signature);
}

const derOf = (key: node.KeyObject): Bytes => copy(key.export({ type: "pkcs1", format: "der" }));

/** How OpenSSL is told that the salt is as long as the hash. */
const PSS = {
  padding: node.constants.RSA_PKCS1_PSS_PADDING,
  saltLength: node.constants.RSA_PSS_SALTLEN_DIGEST,
};

/** Each kind of signature in the soak; daily one, since a signature takes a tenth of a second. */
function each(hash: Hash, use: (pair: Pair, hash: Hash, round: number) => void): void {
  for (const bits of SIZES) {
    for (let round = 0; round < roundsOf(bits); round++) {
      for (const name of SOAK ? NAMES : [hash]) use(pairOf(bits, round), name, round);
    }
  }
}

it("PKCS#1 v1.5 signatures are those of OpenSSL, byte for byte", { timeout: PATIENCE }, () => {
  each("sha256", (pair, hash, round) => {
    const message = node.randomBytes(100 + round);
    const made = sign(pair, message, { hash, padding: "pkcs1" });
    expect(made).toEqual(node.sign(hash, message, pair.privateKey));
  });
});

it("PSS signatures are verified by OpenSSL, each under a fresh salt as long as the hash", {
  timeout: PATIENCE,
}, () => {
  each("sha512", (pair, hash, round) => {
    const message = node.randomBytes(round * 13);
    const made = sign(pair, message, { hash, padding: "pss" });
    const verify = (bytes: Uint8Array): boolean =>
      node.verify(hash, bytes, { key: pair.publicKey, ...PSS }, made);
    expect(verify(message)).toBe(true);
    expect(verify(Buffer.concat([message, Buffer.of(1)]))).toBe(false);
    if (round > 0) return;
    const again = sign(pair, message, { hash, padding: "pss" });
    expect(opened(pair, again, hash).salt).not.toEqual(opened(pair, made, hash).salt);
  });
});

it.each(NAMES)(
  "%s is encoded as by OpenSSL, under the salt that OpenSSL drew too",
  { timeout: PATIENCE },
  (hash) => {
    // Several also daily: the first bit of a message is right by chance in every second one.
    for (const bits of SIZES) {
      for (let round = 0; round < Math.max(roundsOf(bits), 10); round++) {
        const pair = pairOf(bits, round);
        const message = node.randomBytes(round * 7);
        const digest = node.createHash(hash).update(message).digest();
        const plain = new Uint8Array(Math.ceil(bits / 8));
        encodePkcs1(HASHES[hash], digest, plain);
        const theirs = node.sign(hash, message, pair.privateKey);
        expect(opened(pair, theirs, hash).encoded).toEqual(Buffer.from(plain));
        const salted = opened(
          pair,
          node.sign(hash, message, { key: pair.privateKey, ...PSS }),
          hash,
        );
        expect(encodedBy(hash, digest, salted.salt, bits)).toEqual(salted.encoded);
      }
    }
  },
);

it("a key with one number altered is not taken, and gives no signature that would tell a prime", () => {
  const der = derOf(pairOf(2048, 0).privateKey);
  checkSigningKey(secrets, "rsa", der);
  der[der.length - 3] = (der.at(-3) as number) ^ 4; // of qi
  const refused = expect.objectContaining({ code: "ERR_LETHE_KEY_INVALID" });
  expect(() => checkSigningKey(secrets, "rsa", der)).toThrow(refused);
  for (const padding of SOAK ? (["pkcs1", "pss"] as const) : (["pss"] as const)) {
    const signature = new Uint8Array(256).fill(1);
    expect(() => signBy(der, Buffer.from("m"), { hash: "sha256", padding }, signature)).toThrow(
      refused,
    );
    expect(signature.every((byte) => byte === 0)).toBe(true);
  }
});

it.each(["dp", "dq"] as const)(
  "a fault modulo one prime (of %s) is an error with a code, and no signature",
  (name) => {
    const { privateKey } = pairOf(2048, 0);
    const der = derOf(privateKey);
    const number = numbersOfKey(privateKey)[name];
    const at = Buffer.from(der).indexOf(number) + number.length - 2;
    der[at] = (der[at] as number) ^ 1;
    const signature = new Uint8Array(256).fill(1);
    expect(() =>
      signBy(der, Buffer.from("m"), { hash: "sha256", padding: "pkcs1" }, signature),
    ).toThrow(expect.objectContaining({ code: "ERR_LETHE_KEY_INVALID" }));
    expect(signature.every((byte) => byte === 0)).toBe(true);
  },
);

function encodedBy(hash: Hash, digest: Uint8Array, salt: Uint8Array, bits: number): Buffer {
  const chosen = HASHES[hash];
  return withWorkspace(secrets, pssRoom(chosen) + 1024, (space) => {
    const encoded = space.bytes(Math.ceil(bits / 8)).fill(255);
    encodePss(chosen, digest, salt, bits, encoded, space);
    return Buffer.from(encoded);
  });
}

/** The encoded message of a signature, and the salt in it, by the definition of RFC 8017, 9.1.2. */
function opened(
  { publicKey }: Pair,
  signature: Uint8Array,
  hash: Hash,
): { readonly encoded: Buffer; readonly salt: Buffer } {
  const raw = { key: publicKey, padding: node.constants.RSA_NO_PADDING };
  const encoded = node.publicDecrypt(raw, signature);
  const { digestBytes } = HASHES[hash];
  const seed = encoded.subarray(-digestBytes - 1, -1);
  const masked = encoded.subarray(-2 * digestBytes - 1, -digestBytes - 1);
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  const length = Math.ceil((bits - 1) / 8) - digestBytes - 1;
  const blocks = Array.from({ length: Math.ceil(length / digestBytes) }, (_, count) =>
    node
      .createHash(hash)
      .update(seed)
      .update(Buffer.of(0, 0, 0, count))
      .digest(),
  );
  const mask = Buffer.concat(blocks).subarray(length - digestBytes, length);
  return { encoded, salt: Buffer.from(masked.map((byte, at) => byte ^ (mask[at] as number))) };
}
