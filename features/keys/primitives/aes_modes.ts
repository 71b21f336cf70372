import { AES_BLOCK, type Aes } from "./aes.ts";
import type { Workspace } from "./workspace.ts";

/** What a mode takes of a {@link Workspace}. */
export const MODE_ROOM = 160;

/** CBC (NIST SP 800-38A) over whole blocks. */
export function cbcEncrypt(
  aes: Aes,
  vector: Uint8Array,
  source: Uint8Array,
  target: Uint8Array,
  space: Workspace,
): void {
  const chained = space.bytes(AES_BLOCK);
  chained.set(vector);
  for (let at = 0; at < source.length; at += AES_BLOCK) {
    for (let index = 0; index < AES_BLOCK; index++) {
      chained[index] = (chained[index] as number) ^ (source[at + index] as number);
    }
    aes.encrypt(chained, 0, chained, 0);
    target.set(chained, at);
  }
}

/** The reverse of {@link cbcEncrypt}. `target` is not `source`. */
export function cbcDecrypt(
  aes: Aes,
  vector: Uint8Array,
  source: Uint8Array,
  target: Uint8Array,
): void {
  for (let at = 0; at < source.length; at += AES_BLOCK) {
    aes.decrypt(source, at, target, at);
    for (let index = 0; index < AES_BLOCK; index++) {
      const before = at === 0 ? vector[index] : source[at - AES_BLOCK + index];
      target[at + index] = (target[at + index] as number) ^ (before as number);
    }
  }
}

/** CTR (NIST SP 800-38A), both ways. The last `countBytes` bytes of the counter are counted. */
export function ctr(
  aes: Aes,
  start: Uint8Array,
  countBytes: number,
  source: Uint8Array,
  target: Uint8Array,
  space: Workspace,
): void {
  const counter = space.bytes(AES_BLOCK);
  const stream = space.bytes(AES_BLOCK);
  counter.set(start);
  for (let at = 0; at < source.length; at += AES_BLOCK) {
    aes.encrypt(counter, 0, stream, 0);
    const length = Math.min(AES_BLOCK, source.length - at);
    for (let index = 0; index < length; index++) {
      target[at + index] = (source[at + index] as number) ^ (stream[index] as number);
    }
    let carry = 1;
    for (let index = AES_BLOCK - 1; index >= AES_BLOCK - countBytes; index--) {
      const sum = (counter[index] as number) + carry;
      counter[index] = sum;
      carry = sum >> 8;
    }
  }
}
