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

  /** The states behind the two pads. */
  readStates(inner: Int32Array, outer: Int32Array): void {
    this.#inner.readState(inner);
    this.#outer.readState(outer);
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
  const { digestBytes, stateWords, scheduleWords } = hash;
  const hmac = new Hmac(hash, password, space);
  const again = repeatedly(hash, hmac, space.words(scheduleWords), space);
  const block = space.bytes(digestBytes);
  const words = space.words(stateWords);
  const sum = space.words(stateWords);
  for (let start = 0, count = 1; start < target.length; start += digestBytes, count++) {
    hmac.update(salt);
    hmac.update(Uint8Array.of(count >>> 24, count >>> 16, count >>> 8, count));
    hmac.digest(block);
    for (let word = 0; word < stateWords; word++) words[word] = wordAt(block, word * 4);
    sum.set(words);
    for (let iteration = 1; iteration < iterations; iteration++) {
      again(words);
      for (let word = 0; word < stateWords; word++) {
        sum[word] = (sum[word] as number) ^ (words[word] as number);
      }
    }
    const length = Math.min(digestBytes, target.length - start);
    for (let index = 0; index < length; index++) {
      target[start + index] = (sum[index >> 2] as number) >> (24 - (index & 3) * 8);
    }
  }
}

/**
 * HMAC of a tag, in its place, as words: the state after the pad, and one block that holds the tag, the
 * bit behind it and the length.
 */
function repeatedly(
  hash: HashFunction,
  hmac: Hmac,
  schedule: Int32Array,
  space: Workspace,
): (tag: Int32Array) => void {
  const { stateWords, blockBytes, digestBytes } = hash;
  const [inner, outer] = [space.words(stateWords), space.words(stateWords)];
  const state = space.words(stateWords);
  hmac.readStates(inner, outer);
  const last = blockBytes / 4 - 1;
  const bits = (blockBytes + digestBytes) * 8;
  const take = (start: Int32Array, message: Int32Array): void => {
    for (let word = 0; word < stateWords; word++) {
      schedule[word] = message[word] as number;
      state[word] = start[word] as number;
    }
    schedule[stateWords] = 1 << 31;
    for (let word = stateWords + 1; word < last; word++) schedule[word] = 0;
    schedule[last] = bits;
    hash.compress(state, schedule);
  };
  return (tag) => {
    take(inner, tag);
    for (let word = 0; word < stateWords; word++) tag[word] = state[word] as number;
    take(outer, tag);
    for (let word = 0; word < stateWords; word++) tag[word] = state[word] as number;
  };
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

/** What {@link pbkdf2} takes of a {@link Workspace}. */
export function pbkdf2Room(hash: HashFunction): number {
  return Hmac.room(hash) + hash.scheduleWords * 4 + 7 * hash.digestBytes + 128;
}
