import type { Workspace } from "./workspace.ts";

/** Bytes of a block, whatever the key. */
export const AES_BLOCK = 16;
/** What an {@link Aes} takes of a {@link Workspace}. */
export const AES_ROOM = 320;

/**
 * AES (FIPS 197) without tables: each step works on the four bytes of a column at once, the S-box by
 * inversion in GF(2^8), so that neither time nor places in memory follow from key or data. Some 20 µs for
 * a block, which is fast enough for a file of a few kilobytes.
 *
 * A column is a word; its first byte is the high one.
 */
export class Aes {
  readonly #keys: Int32Array;
  readonly #columns: Int32Array;
  readonly #rounds: number;

  /** @param key 16, 24 or 32 bytes */
  constructor(key: Uint8Array, space: Workspace) {
    const words = key.length / 4;
    this.#rounds = words + 6;
    this.#keys = space.words(60);
    this.#columns = space.words(8);
    this.#expand(key, words);
  }

  /** Enciphers one block; `target` may be `source`. */
  encrypt(source: Uint8Array, from: number, target: Uint8Array, to: number): void {
    const columns = this.#columns;
    load(source, from, columns);
    this.#addKey(0);
    for (let round = 1; round <= this.#rounds; round++) {
      for (let c = 0; c < 4; c++) columns[4 + c] = substitute(columns[c] as number);
      for (let c = 0; c < 4; c++) {
        const shifted = shiftRows(columns, c, 1);
        columns[c] = round === this.#rounds ? shifted : mixColumn(shifted);
      }
      this.#addKey(round);
    }
    store(columns, target, to);
  }

  /** Deciphers one block; `target` may be `source`. */
  decrypt(source: Uint8Array, from: number, target: Uint8Array, to: number): void {
    const columns = this.#columns;
    load(source, from, columns);
    this.#addKey(this.#rounds);
    for (let round = this.#rounds - 1; round >= 0; round--) {
      for (let c = 0; c < 4; c++) columns[4 + c] = substituteBack(columns[c] as number);
      for (let c = 0; c < 4; c++) columns[c] = shiftRows(columns, c, 3);
      this.#addKey(round);
      if (round === 0) break;
      for (let c = 0; c < 4; c++) columns[c] = mixColumnBack(columns[c] as number);
    }
    store(columns, target, to);
  }

  #expand(key: Uint8Array, words: number): void {
    const keys = this.#keys;
    for (let index = 0; index < words; index++) keys[index] = wordAt(key, index * 4);
    let constant = 1 << 24;
    for (let index = words; index < 4 * (this.#rounds + 1); index++) {
      let word = keys[index - 1] as number;
      if (index % words === 0) {
        word = substitute((word << 8) | (word >>> 24)) ^ constant;
        constant = double(constant);
      } else if (words === 8 && index % words === 4) {
        word = substitute(word);
      }
      keys[index] = (keys[index - words] as number) ^ word;
    }
  }

  #addKey(round: number): void {
    for (let c = 0; c < 4; c++) {
      this.#columns[c] = (this.#columns[c] as number) ^ (this.#keys[round * 4 + c] as number);
    }
  }
}

/** Column `c` of what stands in the columns 4 to 7, each row moved by `step` times its number. */
function shiftRows(columns: Int32Array, c: number, step: number): number {
  return (
    ((columns[4 + c] as number) & 0xff000000) |
    ((columns[4 + ((c + step) & 3)] as number) & 0x00ff0000) |
    ((columns[4 + ((c + 2 * step) & 3)] as number) & 0x0000ff00) |
    ((columns[4 + ((c + 3 * step) & 3)] as number) & 0x000000ff)
  );
}

/** Each byte times x in GF(2^8). */
function double(word: number): number {
  return ((word & 0x7f7f7f7f) << 1) ^ Math.imul((word >>> 7) & 0x01010101, 0x1b);
}

/** Each byte of one times that of the other. */
function multiply(left: number, right: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = double(product) ^ (left & Math.imul((right >>> bit) & 0x01010101, 0xff));
  }
  return product;
}

/** Each byte to the power of 254: its inverse, and zero for zero. */
function invert(x: number): number {
  const x2 = multiply(x, x);
  const x3 = multiply(x2, x);
  const x6 = multiply(x3, x3);
  const x12 = multiply(x6, x6);
  let power = multiply(x12, x3);
  for (let doubling = 0; doubling < 4; doubling++) power = multiply(power, power);
  return multiply(multiply(power, x12), x2);
}

/** The S-box on each byte. */
function substitute(word: number): number {
  const x = invert(word);
  return (
    x ^ rotateBytes(x, 1) ^ rotateBytes(x, 2) ^ rotateBytes(x, 3) ^ rotateBytes(x, 4) ^ 0x63636363
  );
}

function substituteBack(word: number): number {
  return invert(rotateBytes(word, 1) ^ rotateBytes(word, 3) ^ rotateBytes(word, 6) ^ 0x05050505);
}

/** Each byte rotated to the left within itself. */
function rotateBytes(word: number, bits: number): number {
  const low = Math.imul((1 << bits) - 1, 0x01010101);
  return ((word << bits) & ~low) | ((word >>> (8 - bits)) & low);
}

function mixColumn(x: number): number {
  const doubled = double(x);
  return doubled ^ rotate(doubled ^ x, 8) ^ rotate(x, 16) ^ rotate(x, 24);
}

/** MixColumns has order four: the reverse is to do it three times. */
function mixColumnBack(x: number): number {
  return mixColumn(mixColumn(mixColumn(x)));
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

function load(bytes: Uint8Array, at: number, columns: Int32Array): void {
  for (let c = 0; c < 4; c++) columns[c] = wordAt(bytes, at + c * 4);
}

function store(columns: Int32Array, bytes: Uint8Array, at: number): void {
  for (let index = 0; index < AES_BLOCK; index++) {
    bytes[at + index] = (columns[index >> 2] as number) >> (24 - (index & 3) * 8);
  }
}
