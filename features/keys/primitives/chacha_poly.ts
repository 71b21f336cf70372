import { ascii } from "../../../core/sealed_key_mark.ts";
import type { Workspace } from "./workspace.ts";

/** What one call takes of a {@link Workspace}. */
export const CHACHA_POLY_ROOM = 1024;
export const POLY_TAG = 16;

/**
 * chacha20-poly1305@openssh.com (OpenSSH PROTOCOL.chacha20poly1305) as its private key files use it:
 * packet 0 without a header, so that the second half of the 64-byte key is never used.
 *
 * @param tag of the ciphertext, written
 */
export function chachaPolyEncrypt(
  key: Uint8Array,
  source: Uint8Array,
  target: Uint8Array,
  tag: Uint8Array,
  space: Workspace,
): void {
  const once = space.bytes(32);
  const words = space.words(32);
  chacha20(key, 0, once, once, words, space);
  chacha20(key, 1, source, target, words, space);
  poly1305(once, target, tag, space);
}

/** The reverse. @returns whether it is authentic; if not, `target` is untouched */
export function chachaPolyDecrypt(
  key: Uint8Array,
  source: Uint8Array,
  tag: Uint8Array,
  target: Uint8Array,
  space: Workspace,
): boolean {
  const once = space.bytes(32);
  const expected = space.bytes(POLY_TAG);
  const words = space.words(32);
  chacha20(key, 0, once, once, words, space);
  poly1305(once, source, expected, space);
  let difference = 0;
  for (let index = 0; index < POLY_TAG; index++) {
    difference |= (expected[index] as number) ^ (tag[index] as number);
  }
  if (difference !== 0) return false;
  chacha20(key, 1, source, target, words, space);
  return true;
}

const SIGMA = ascii("expand 32-byte k");

/** ChaCha20 with a nonce of zeros, from block `count` on. @param x room for 32 words */
function chacha20(
  key: Uint8Array,
  count: number,
  source: Uint8Array,
  target: Uint8Array,
  x: Int32Array,
  space: Workspace,
): void {
  const start = space.words(16);
  for (let word = 0; word < 4; word++) start[word] = wordAt(SIGMA, word * 4);
  for (let word = 0; word < 8; word++) start[4 + word] = wordAt(key, word * 4);
  start[12] = count;
  for (let at = 0; at < source.length; at += 64) {
    x.set(start);
    for (let round = 0; round < 10; round++) {
      for (const [a, b, c, d] of QUARTERS) quarter(x, a, b, c, d);
    }
    for (let word = 0; word < 16; word++) {
      x[word] = (x[word] as number) + (start[word] as number);
    }
    const length = Math.min(64, source.length - at);
    for (let index = 0; index < length; index++) {
      const stream = (x[index >> 2] as number) >> ((index & 3) * 8);
      target[at + index] = (source[at + index] as number) ^ stream;
    }
    start[12] = (start[12] as number) + 1;
  }
}

const QUARTERS: readonly (readonly [number, number, number, number])[] = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
];

function quarter(x: Int32Array, a: number, b: number, c: number, d: number): void {
  x[a] = (x[a] as number) + (x[b] as number);
  x[d] = rotate((x[d] as number) ^ (x[a] as number), 16);
  x[c] = (x[c] as number) + (x[d] as number);
  x[b] = rotate((x[b] as number) ^ (x[c] as number), 12);
  x[a] = (x[a] as number) + (x[b] as number);
  x[d] = rotate((x[d] as number) ^ (x[a] as number), 8);
  x[c] = (x[c] as number) + (x[d] as number);
  x[b] = rotate((x[b] as number) ^ (x[c] as number), 7);
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function wordAt(bytes: ArrayLike<number>, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

/**
 * Poly1305 (RFC 8439) over limbs of 8 bits, seventeen of them: each sum of products stays below 2^31, as
 * in TweetNaCl.
 */
function poly1305(key: Uint8Array, message: Uint8Array, tag: Uint8Array, space: Workspace): void {
  const h = space.words(17);
  const r = space.words(17);
  const product = space.words(17);
  for (let limb = 0; limb < 16; limb++) r[limb] = key[limb] as number;
  for (const limb of [3, 7, 11, 15]) r[limb] = (r[limb] as number) & 15;
  for (const limb of [4, 8, 12]) r[limb] = (r[limb] as number) & 252;
  for (let at = 0; at < message.length; at += 16) {
    const length = Math.min(16, message.length - at);
    for (let limb = 0; limb < length; limb++) {
      h[limb] = (h[limb] as number) + (message[at + limb] as number);
    }
    h[length] = (h[length] as number) + 1;
    for (let limb = 0; limb < 17; limb++) {
      let sum = 0;
      for (let other = 0; other < 17; other++) {
        const factor = other <= limb ? r[limb - other] : 320 * (r[limb + 17 - other] as number);
        sum += Math.imul(h[other] as number, factor as number);
      }
      product[limb] = sum;
    }
    h.set(product);
    squeeze(h);
  }
  finish(h, product, key, tag);
}

/** Carries, and takes 2^130 for 5. */
function squeeze(h: Int32Array): void {
  let carry = 0;
  for (let limb = 0; limb < 16; limb++) {
    carry += h[limb] as number;
    h[limb] = carry & 255;
    carry >>>= 8;
  }
  carry += h[16] as number;
  h[16] = carry & 3;
  carry = 5 * (carry >>> 2);
  for (let limb = 0; limb < 16; limb++) {
    carry += h[limb] as number;
    h[limb] = carry & 255;
    carry >>>= 8;
  }
  h[16] = carry + (h[16] as number);
}

/** Subtracts the prime where it fits, by a mask, and adds the second half of the key. */
function finish(h: Int32Array, kept: Int32Array, key: Uint8Array, tag: Uint8Array): void {
  kept.set(h);
  let carry = 0;
  for (let limb = 0; limb < 17; limb++) {
    carry += (h[limb] as number) + (limb === 0 ? 5 : limb === 16 ? 252 : 0);
    h[limb] = carry & 255;
    carry >>>= 8;
  }
  const negative = -((h[16] as number) >>> 7);
  for (let limb = 0; limb < 17; limb++) {
    h[limb] = (h[limb] as number) ^ (negative & ((kept[limb] as number) ^ (h[limb] as number)));
  }
  carry = 0;
  for (let limb = 0; limb < 16; limb++) {
    carry += (h[limb] as number) + (key[16 + limb] as number);
    tag[limb] = carry & 255;
    carry >>>= 8;
  }
}
