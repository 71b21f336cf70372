import { ED25519_TORSION_SUBGROUP, ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { afterEach, describe, expect, it } from "vitest";
import type { CryptoEngine } from "../../core/contract/engine.ts";
import { openSecrets } from "../../memories/heap/mod.ts";
import { sample, thrown } from "../../testing/core/samples.ts";
import { openEngines } from "../../testing/features/crypto/engines.ts";
import { LOW_ORDER } from "../../testing/features/crypto/vectors.ts";
import { SOAK } from "../../testing/tier.ts";
import { openCrypto } from "./open_crypto.ts";

const engines = await openEngines();
const secrets = openSecrets();
afterEach(() => secrets.purge());

const FORGED = "ERR_LETHE_FORGED";
const EMPTY = new Uint8Array(0);

/** Every copy of `bytes` with one bit turned over; of a slow engine one bit of each byte. */
function* flipped(bytes: Uint8Array, engine: CryptoEngine): Generator<Uint8Array> {
  const step = engine.name === "noble" && !SOAK ? 9 : 1;
  for (let bit = 0; bit < 8 * bytes.length; bit += step) {
    const copy = bytes.slice();
    copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
    yield copy;
  }
}

describe.each(engines.map((engine) => [engine.name, engine] as const))("%s", (_name, engine) => {
  const crypto = openCrypto(secrets, { engine });

  it("refuses a message with any bit of nonce, ciphertext or tag turned over", () => {
    const [key, additional] = [secrets.random(32), sample(20)];
    for (const message of [EMPTY, sample(33)]) {
      const encrypted = crypto.encrypt(key, message, { additional });
      const live = secrets.stats.live;
      for (const forged of flipped(encrypted, engine)) {
        expect(thrown(() => crypto.decrypt(key, forged, { additional })).code).toBe(FORGED);
      }
      expect(secrets.stats.live).toBe(live);
      expect(crypto.isAuthentic(key, encrypted, { additional })).toBe(true);
    }
  });

  it("refuses one that is cut or longer, and another's key or additional data", () => {
    const [key, additional] = [secrets.random(32), sample(20)];
    const encrypted = crypto.encrypt(key, sample(33), { additional });
    for (let length = 0; length < encrypted.length; length++) {
      const cut = encrypted.slice(0, length);
      expect(thrown(() => crypto.decrypt(key, cut, { additional })).code).toBe(FORGED);
      const rest = encrypted.slice(encrypted.length - length);
      expect(crypto.isAuthentic(key, rest, { additional })).toBe(false);
    }
    const longer = Uint8Array.of(...encrypted, 0);
    expect(crypto.isAuthentic(key, longer, { additional })).toBe(false);
    expect(crypto.isAuthentic(secrets.random(32), encrypted, { additional })).toBe(false);
    for (const other of [EMPTY, additional.slice(1), sample(21)]) {
      expect(crypto.isAuthentic(key, encrypted, { additional: other })).toBe(false);
    }
    expect(crypto.isAuthentic(key, encrypted)).toBe(false);
  });

  it("leaves no plaintext where it refuses", () => {
    const [key, nonce, message] = [sample(32), sample(24), sample(64)];
    const sealed = new Uint8Array(80);
    engine.aeadSeal(sealed, message, EMPTY, nonce, key);
    sealed[79] = (sealed[79] as number) ^ 1;
    const opened = new Uint8Array(64).fill(1);
    expect(engine.aeadUnseal(opened, sealed, EMPTY, nonce, key)).toBe(false);
    expect(opened.every((byte) => byte === 0)).toBe(true);
    opened.fill(1);
    const short = new Uint8Array(nonce.buffer, 0, 12);
    expect(engine.chachaUnseal(opened, sealed, EMPTY, short, key)).toBe(false);
    expect(opened.every((byte) => byte === 0)).toBe(true);
    const pair = crypto.agreeKeyPair();
    opened.fill(1);
    pair.secretKey.expose((secretKey) => {
      expect(engine.boxUnseal(opened, sealed, nonce, pair.publicKey, secretKey)).toBe(false);
    });
    expect(opened.every((byte) => byte === 0)).toBe(true);
  });

  it("refuses a sealed box with any bit turned over, cut, or of another key pair", () => {
    const pair = crypto.agreeKeyPair();
    const box = crypto.sealBox(pair.publicKey, sample(9));
    // The highest bit of the ephemeral key is masked by X25519, and bound by the nonce.
    const copies = flipped(box, engine);
    for (const forged of [...copies, box.slice(0, 47), box.slice(0, -1), EMPTY]) {
      expect(thrown(() => crypto.unsealBox(pair, forged)).code).toBe(FORGED);
    }
    expect(thrown(() => crypto.unsealBox(crypto.agreeKeyPair(), box)).code).toBe(FORGED);
  });

  it("refuses tags with any bit turned over, cut or padded", () => {
    const [key, message] = [secrets.random(32), sample(40)];
    for (const hash of ["sha256", "sha512"] as const) {
      const tag = crypto.hmac(key, message, { hash }).expose((bytes) => bytes.slice());
      expect(crypto.verifyHmac(key, message, tag, { hash })).toBe(true);
      const live = secrets.stats.live;
      const wrong = [...flipped(tag, engine), EMPTY, tag.slice(0, -1), Uint8Array.of(...tag, 0)];
      for (const other of wrong)
        expect(crypto.verifyHmac(key, message, other, { hash })).toBe(false);
      expect(secrets.stats.live).toBe(live);
    }
  });

  it("refuses low-order public keys, whose shared secret is zero", () => {
    const secretKey = secrets.random(32);
    for (const point of LOW_ORDER) {
      const publicKey = new Uint8Array(Buffer.from(point, "hex"));
      const live = secrets.stats.live;
      expect(thrown(() => crypto.agree(secretKey, publicKey)).code, point).toBe(FORGED);
      expect(thrown(() => crypto.sealBox(publicKey, sample(3))).code, point).toBe(FORGED);
      expect(secrets.stats.live).toBe(live);
      const shared = new Uint8Array(32).fill(1);
      expect(engine.agree(shared, sample(32), publicKey)).toBe(false);
      expect(shared.every((byte) => byte === 0)).toBe(true);
      const boxed = new Uint8Array(19).fill(1);
      expect(engine.boxSeal(boxed, sample(3), sample(24), publicKey, sample(32))).toBe(false);
      expect(boxed.every((byte) => byte === 0)).toBe(true);
      const box = Uint8Array.of(...publicKey, ...new Uint8Array(20));
      const pair = crypto.agreeKeyPair(secretKey);
      expect(thrown(() => crypto.unsealBox(pair, box)).code).toBe(FORGED);
      pair.secretKey.destroy();
    }
  });

  it("accepts no signature with a scalar, point or key that is not canonical or of low order", () => {
    for (const { name, signature, publicKey, valid } of strangeSignatures()) {
      expect(engine.verify(signature, STRANGE, publicKey), name).toBe(valid);
    }
  });
});

interface Strange {
  readonly name: string;
  readonly signature: Uint8Array;
  readonly publicKey: Uint8Array;
  /** By the equation of RFC 8032, section 5.1.7, without the cofactor. */
  readonly valid: boolean;
}

const STRANGE = Uint8Array.of(109);

/** Signatures that satisfy the equation up to a point of low order, by who knows the secret scalar. */
function strangeSignatures(): readonly Strange[] {
  const { Point } = ed25519;
  const order = Point.Fn.ORDER;
  const [scalar, nonce] = [12_345_678_901_234_567_890n, 987_654_321n];
  const [key, point] = [Point.BASE.multiply(scalar), Point.BASE.multiply(nonce)];
  const challenge = (R: Uint8Array, A: Uint8Array): bigint =>
    fromLe(sha512(Uint8Array.of(...R, ...A, ...STRANGE))) % order;
  const strange = (
    name: string,
    R: Uint8Array,
    A: Uint8Array,
    [r, a, more = 0n]: readonly [r: bigint, a: bigint, more?: bigint],
    valid: (challenge: bigint) => boolean = () => false,
  ): Strange => {
    const k = challenge(R, A);
    const signature = Uint8Array.of(...R, ...toLe(((r + k * a) % order) + more));
    return { name, signature, publicKey: A, valid: valid(k) };
  };
  const [R, A] = [point.toBytes(), key.toBytes()];
  const torsion = ED25519_TORSION_SUBGROUP.map((bytes) => Point.fromHex(bytes, true));
  return [
    strange("good", R, A, [nonce, scalar], () => true),
    strange("scalar plus the order", R, A, [nonce, scalar, order]),
    ...torsion.flatMap((low, index) => {
      const size = [1n, 2n, 4n, 8n].find((count) => low.multiplyUnsafe(count).is0()) as bigint;
      const [lowA, lowR] = [key.add(low).toBytes(), point.add(low).toBytes()];
      return [
        strange(`key of low order ${index}`, R, low.toBytes(), [nonce, 0n]),
        strange(`nonce of low order ${index}`, low.toBytes(), A, [0n, scalar]),
        strange(`key plus ${index}`, R, lowA, [nonce, scalar], (k) => k % size === 0n),
        strange(`nonce plus ${index}`, lowR, A, [nonce, scalar], () => size === 1n),
      ];
    }),
    ...["ee", "ed"].flatMap((first) => {
      const bytes = Buffer.from(`${first}${"ff".repeat(30)}7f`, "hex");
      return [
        strange(`key ${first}ff`, R, bytes, [nonce, 0n]),
        strange(`nonce ${first}ff`, bytes, A, [0n, scalar]),
      ];
    }),
  ];
}

function fromLe(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
}

function toLe(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(64, "0"), "hex").reverse();
}
