import { createHash, createHmac } from "node:crypto";
import { chacha20, hchacha } from "@noble/ciphers/chacha.js";
import { hsalsa } from "@noble/ciphers/salsa.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { deriveInto, type Needle } from "../../../conformance/mod.ts";
import type { CryptoEngine } from "../../../core/contract/engine.ts";
import { openCrypto } from "../../../features/crypto/open_crypto.ts";
import { openSecrets } from "../../../memories/heap/mod.ts";
import { USES } from "./uses.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type Place = (label: string, bytes: Uint8Array, copies?: number) => void;

/** A needle, and in how many secrets it lies while they are live. */
export interface Expected extends Needle {
  readonly copies: number;
}

/**
 * What a scan behind an operation looks for: each secret that went in, each that came out, and what
 * the algorithm makes of them on its way (subkeys, pads, one-time keys, scalars, signing nonces), from
 * which the secret or its use could be had.
 *
 * @param open what the target said became public
 */
export function needlesOf(
  operation: keyof typeof USES,
  seed: number,
  open: Uint8Array,
  engine: CryptoEngine,
): readonly Expected[] {
  const needles: Expected[] = [];
  const { lengths, kept = [], run } = USES[operation];
  const add: Place = (label, bytes, copies = 0) => {
    needles.push({ label: `${operation} ${label}`, bytes: new Uint8Array(bytes), copies });
  };
  const inputs = lengths.map((length, index) => {
    const bytes = new Uint8Array(new ArrayBuffer(length));
    deriveInto(seed + index, bytes);
    add(`input ${index}`, bytes, 1 + (kept[index] ?? 0));
    return bytes;
  });
  // What comes out of the others is what went in; an Ed25519 secret key is seed and public key.
  if (!["aead", "box", "chacha20-poly1305", "ed25519"].includes(operation)) {
    const secrets = openSecrets();
    const given = inputs.map((bytes) => secrets.move(bytes.slice()));
    const { secrets: results } = run(openCrypto(secrets, { engine }), given, engine);
    results.forEach((result, index) => {
      if (operation === "x25519" && index === 0) return;
      result.expose((bytes) => add(`result ${index}`, bytes, 1));
    });
    secrets.purge();
  }
  BETWEEN[operation]?.(inputs as [Bytes, Bytes], open, add);
  return needles;
}

const BETWEEN: Readonly<
  Partial<Record<keyof typeof USES, (inputs: [Bytes, Bytes], open: Uint8Array, add: Place) => void>>
> = {
  aead([key], open, add) {
    const nonce = open.slice(0, 24);
    const subkey = new Uint32Array(8);
    hchacha(CHACHA, words(key), words(nonce.slice(0, 16)), subkey);
    const bytes = new Uint8Array(subkey.buffer);
    add("HChaCha20 subkey", bytes);
    const rest = new Uint8Array(12);
    rest.set(nonce.slice(16), 4);
    add("Poly1305 key", chacha20(bytes, rest, new Uint8Array(32)));
    add("keystream", chacha20(bytes, rest, new Uint8Array(64), undefined, 1));
  },
  "chacha20-poly1305"([key], _open, add) {
    const nonce = Uint8Array.from({ length: 12 }, (_, index) => 1 + index);
    add("Poly1305 key", chacha20(key, nonce, new Uint8Array(32)));
    add("keystream", chacha20(key, nonce, new Uint8Array(64), undefined, 1));
  },
  "hmac-sha256"([key, message], _open, add) {
    pads(key, 64, add);
    add("swapped message", swapped(message, 4));
    const hash = createHash("sha256").update(message).digest();
    add("hashed long key", hash);
    pads(hash, 64, add, "hashed ");
  },
  "hmac-sha512"([key, message], _open, add) {
    pads(key, 128, add);
    add("swapped message", swapped(message, 8));
    const hash = createHash("sha512").update(message).digest();
    add("hashed long key", hash);
    pads(hash, 128, add, "hashed ");
  },
  hkdf([secret, salt], _open, add) {
    const prk = createHmac("sha256", salt).update(secret).digest();
    add("PRK", prk);
    pads(prk, 64, add);
  },
  ed25519([seed, message], _open, add) {
    const hash = createHash("sha512").update(seed).digest();
    add("prefix", hash.subarray(32));
    const nonce = createHash("sha512").update(hash.subarray(32)).update(message).digest();
    hash[0] = (hash[0] as number) & 248;
    hash[31] = ((hash[31] as number) & 127) | 64;
    add("scalar", hash.subarray(0, 32));
    add("nonce", nonce);
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const reduced = (BigInt(`0x${Buffer.from(nonce).reverse().toString("hex")}`) % order)
      .toString(16)
      .padStart(64, "0");
    add("reduced nonce", Buffer.from(reduced, "hex").reverse());
  },
  box([own], open, add) {
    const shared = x25519.getSharedSecret(own, open.slice(0, 32));
    add("shared secret", shared);
    const key = new Uint32Array(8);
    hsalsa(CHACHA, words(shared), new Uint32Array(4), key);
    add("HSalsa20 key", new Uint8Array(key.buffer));
  },
};

/** The blocks that HMAC's key schedule hashes first, also as the words that SHA-2 makes of them. */
function pads(key: Uint8Array, blockBytes: number, add: Place, of: string = ""): void {
  for (const [name, byte] of [
    ["inner", 0x36],
    ["outer", 0x5c],
  ] as const) {
    const pad = key.map((value) => value ^ byte);
    add(`${of}${name} pad`, pad);
    add(`swapped ${of}${name} pad`, swapped(pad, blockBytes / 16));
  }
}

function swapped(bytes: Uint8Array, wordBytes: number): Uint8Array {
  const copy = Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % wordBytes)));
  return wordBytes === 4 ? copy.swap32() : copy.swap64();
}

function words(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.slice().buffer);
}

const CHACHA: Uint32Array = words(new TextEncoder().encode("expand 32-byte k"));
