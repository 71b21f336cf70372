import { Hasher, type HashFunction } from "./hash.ts";
import type { Workspace } from "./workspace.ts";

/** HMAC (RFC 2104) under one key, for many messages. */
export class Hmac {
  readonly #inner: Hasher;
  readonly #outer: Hasher;
  readonly #running: Hasher;
  readonly #digest: Uint8Array;

  constructor(hash: HashFunction, key: Uint8Array, space: Workspace) {
    this.#inner = new Hasher(hash, space);
    this.#outer = new Hasher(hash, space);
    this.#running = new Hasher(hash, space);
    this.#digest = space.bytes(hash.digestBytes);
    const pad = space.bytes(hash.blockBytes);
    if (key.length > hash.blockBytes) {
      this.#running.update(key);
      this.#running.digest(this.#digest);
      pad.set(this.#digest);
    } else {
      pad.set(key);
    }
    for (let index = 0; index < pad.length; index++) pad[index] = (pad[index] as number) ^ 0x36;
    this.#inner.update(pad);
    for (let index = 0; index < pad.length; index++) {
      pad[index] = (pad[index] as number) ^ 0x36 ^ 0x5c;
    }
    this.#outer.update(pad);
    this.#running.resume(this.#inner);
  }

  /** What one takes of a {@link Workspace}. */
  static room(hash: HashFunction): number {
    return 3 * Hasher.room(hash) + hash.digestBytes + hash.blockBytes + 32;
  }

  update(bytes: Uint8Array): void {
    this.#running.update(bytes);
  }

  /** Writes the tag, and is ready for the next message. */
  digest(target: Uint8Array): void {
    this.#running.digest(this.#digest);
    this.#running.resume(this.#outer);
    this.#running.update(this.#digest);
    this.#running.digest(target);
    this.#running.resume(this.#inner);
  }
}

/** PBKDF2 (RFC 8018, section 5.2) with HMAC. The salt is public. */
export function pbkdf2(
  hash: HashFunction,
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  target: Uint8Array,
  space: Workspace,
): void {
  const hmac = new Hmac(hash, password, space);
  const block = space.bytes(hash.digestBytes);
  const sum = space.bytes(hash.digestBytes);
  for (let start = 0, count = 1; start < target.length; start += sum.length, count++) {
    hmac.update(salt);
    hmac.update(Uint8Array.of(count >>> 24, count >>> 16, count >>> 8, count));
    hmac.digest(block);
    sum.set(block);
    for (let iteration = 1; iteration < iterations; iteration++) {
      hmac.update(block);
      hmac.digest(block);
      for (let index = 0; index < sum.length; index++) {
        sum[index] = (sum[index] as number) ^ (block[index] as number);
      }
    }
    const length = Math.min(sum.length, target.length - start);
    for (let index = 0; index < length; index++) target[start + index] = sum[index] as number;
  }
}

/** What {@link pbkdf2} takes of a {@link Workspace}. */
export function pbkdf2Room(hash: HashFunction): number {
  return Hmac.room(hash) + 2 * hash.digestBytes + 32;
}
