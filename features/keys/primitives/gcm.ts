import { AES_BLOCK, type Aes } from "./aes.ts";
import { ctr } from "./aes_modes.ts";
import type { Workspace } from "./workspace.ts";

/** Bytes of a nonce, the only length that is taken here, and of a tag. */
export const GCM_NONCE = 12;
export const GCM_TAG = 16;
/** What one call takes of a {@link Workspace}. */
export const GCM_ROOM = 256;

/** AES-GCM (NIST SP 800-38D) without additional data: ciphertext and tag. */
export function gcmEncrypt(
  aes: Aes,
  nonce: Uint8Array,
  source: Uint8Array,
  target: Uint8Array,
  tag: Uint8Array,
  space: Workspace,
): void {
  const counter = firstCounter(nonce, space);
  ctr(aes, next(counter, space), 4, source, target, space);
  computeTag(aes, counter, target, tag, space);
}

/** The reverse. @returns whether it is authentic; if not, `target` is zero */
export function gcmDecrypt(
  aes: Aes,
  nonce: Uint8Array,
  source: Uint8Array,
  tag: Uint8Array,
  target: Uint8Array,
  space: Workspace,
): boolean {
  const counter = firstCounter(nonce, space);
  const expected = space.bytes(GCM_TAG);
  computeTag(aes, counter, source, expected, space);
  let difference = 0;
  for (let index = 0; index < GCM_TAG; index++) {
    difference |= (expected[index] as number) ^ (tag[index] as number);
  }
  if (difference !== 0) return false;
  ctr(aes, next(counter, space), 4, source, target, space);
  return true;
}

function firstCounter(nonce: Uint8Array, space: Workspace): Uint8Array {
  const counter = space.bytes(AES_BLOCK);
  counter.set(nonce);
  counter[15] = 1;
  return counter;
}

function next(counter: Uint8Array, space: Workspace): Uint8Array {
  const second = space.bytes(AES_BLOCK);
  second.set(counter);
  second[15] = 2;
  return second;
}

/** GHASH of the ciphertext and its length, under the first counter. */
function computeTag(
  aes: Aes,
  counter: Uint8Array,
  source: Uint8Array,
  tag: Uint8Array,
  space: Workspace,
): void {
  const key = space.bytes(AES_BLOCK);
  const block = space.bytes(AES_BLOCK);
  const sum = space.bytes(AES_BLOCK);
  const words = space.words(12);
  aes.encrypt(key, 0, key, 0);
  for (let at = 0; at < source.length; at += AES_BLOCK) {
    const length = Math.min(AES_BLOCK, source.length - at);
    for (let index = 0; index < length; index++) {
      sum[index] = (sum[index] as number) ^ (source[at + index] as number);
    }
    multiply(sum, key, words);
  }
  const bits = source.length * 8;
  for (let index = 0; index < 4; index++) block[15 - index] = bits >>> (index * 8);
  for (let index = 0; index < AES_BLOCK; index++) {
    sum[index] = (sum[index] as number) ^ (block[index] as number);
  }
  multiply(sum, key, words);
  aes.encrypt(counter, 0, block, 0);
  for (let index = 0; index < GCM_TAG; index++) {
    tag[index] = (sum[index] as number) ^ (block[index] as number);
  }
}

/** Multiplies in GF(2^128), bit by bit, by masks. @param words room for 12 */
function multiply(sum: Uint8Array, key: Uint8Array, words: Int32Array): void {
  for (let word = 0; word < 4; word++) {
    words[word] = 0;
    words[4 + word] =
      ((key[word * 4] as number) << 24) |
      ((key[word * 4 + 1] as number) << 16) |
      ((key[word * 4 + 2] as number) << 8) |
      (key[word * 4 + 3] as number);
  }
  for (let bit = 0; bit < 128; bit++) {
    const mask = -(((sum[bit >> 3] as number) >> (7 - (bit & 7))) & 1);
    for (let word = 0; word < 4; word++) {
      words[word] = (words[word] as number) ^ ((words[4 + word] as number) & mask);
    }
    const reduced = -((words[7] as number) & 1) & 0xe1000000;
    for (let word = 7; word > 4; word--) {
      words[word] = ((words[word] as number) >>> 1) | ((words[word - 1] as number) << 31);
    }
    words[4] = ((words[4] as number) >>> 1) ^ reduced;
  }
  for (let index = 0; index < AES_BLOCK; index++) {
    sum[index] = (words[index >> 2] as number) >> (24 - (index & 3) * 8);
  }
}
