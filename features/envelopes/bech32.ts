/**
 * Bech32 (BIP 173, without its limit of length), bytes to bytes. No string, no branch and no place in memory
 * depends on the data, so that identities can be read with it; only the part before the data, which says what
 * it is, and the lengths show.
 */
import { ascii } from "../../core/sealed_key_mark.ts";
import type { View } from "./bytes.ts";

const CHARACTERS = ascii("qpzry9x8gf2tvdw0s3jn54khce6mua7l");
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const CHECKSUM = 6;
const ONE = 49;

// Masks: all ones when the comparison holds, else zero.
const below = (left: number, right: number): number => (left - right) >> 31;
const same = (left: number, right: number): number => ~((left ^ right) | -(left ^ right)) >> 31;
const range = (value: number, first: number, last: number): number =>
  ~below(value, first) & below(value, last + 1);

/** Characters of `byteLength` bytes behind a prefix. */
export function bech32Length(prefix: string, byteLength: number): number {
  return prefix.length + 1 + Math.ceil((byteLength * 8) / 5) + CHECKSUM;
}

/** How many bytes a text behind a prefix stands for; -1: none has that length. */
export function bech32Bytes(prefix: string, textLength: number): number {
  const values = textLength - prefix.length - 1 - CHECKSUM;
  if (values < 0) return -1;
  const bytes = Math.floor((values * 5) / 8);
  return Math.ceil((bytes * 8) / 5) === values ? bytes : -1;
}

/** Writes `bytes` behind `prefix`, in the case that the prefix has. */
export function bech32Encode(prefix: string, bytes: Uint8Array, text: View): void {
  const upper = prefix === prefix.toUpperCase() ? 0x20 : 0;
  text.set(ascii(prefix));
  let at = prefix.length;
  text[at++] = ONE;
  let sum = start(prefix);
  let [group, bits] = [0, 0];
  const put = (value: number): void => {
    sum = step(sum, value);
    text[at++] = characterOf(value, upper);
  };
  for (let index = 0; index < bytes.length; index++) {
    group = ((group << 8) | (bytes[index] as number)) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      put((group >> bits) & 31);
    }
  }
  if (bits > 0) put((group << (5 - bits)) & 31);
  for (let index = 0; index < CHECKSUM; index++) sum = step(sum, 0);
  sum ^= 1;
  for (let index = 0; index < CHECKSUM; index++) {
    text[at++] = characterOf((sum >> (5 * (CHECKSUM - 1 - index))) & 31, upper);
  }
}

/**
 * Reads what stands behind `prefix` into `bytes`, which has the length that {@link bech32Bytes} gives.
 *
 * @returns whether the text is whole, canonical, and in the case of the prefix
 */
export function bech32Decode(prefix: string, text: Uint8Array, bytes: View): boolean {
  const upper = prefix === prefix.toUpperCase();
  const expected = [...ascii(prefix), ONE];
  let invalid = 0;
  for (let index = 0; index < expected.length; index++) {
    invalid |= (text[index] as number) ^ (expected[index] as number);
  }
  const first = expected.length;
  let sum = start(prefix);
  let [group, bits, at] = [0, 0, 0];
  for (let index = first; index < text.length; index++) {
    const value = quintetOf(text[index] as number, upper);
    invalid |= value & ~31;
    sum = step(sum, value & 31);
    if (index >= text.length - CHECKSUM) continue;
    group = ((group << 5) | (value & 31)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = group >> bits;
  }
  invalid |= group & ((1 << bits) - 1); // the bits that fill up the last character are zero
  return (invalid | (sum ^ 1)) === 0;
}

/** The character of a value, found by going through all of them. */
function characterOf(value: number, upper: number): number {
  let character = 0;
  for (let index = 0; index < 32; index++) {
    character |= same(value, index) & (CHARACTERS[index] as number);
  }
  return character - (range(character, 97, 122) & upper);
}

/** 0 to 31, or -1. */
function quintetOf(character: number, upper: boolean): number {
  const isLetter = upper ? range(character, 65, 90) : range(character, 97, 122);
  const lower = character | (isLetter & 32);
  let value = -1;
  for (let index = 0; index < 32; index++) {
    value ^= same(lower, CHARACTERS[index] as number) & ~index;
  }
  // A letter in the other case is none.
  return value | ~(isLetter | range(character, 48, 57));
}

/** The checksum behind the prefix, which counts in lower case. */
function start(prefix: string): number {
  const codes = ascii(prefix.toLowerCase());
  let sum = 1;
  for (const code of codes) sum = step(sum, code >> 5);
  sum = step(sum, 0);
  for (const code of codes) sum = step(sum, code & 31);
  return sum;
}

function step(sum: number, value: number): number {
  const top = sum >> 25;
  let next = ((sum & 0x1ffffff) << 5) ^ value;
  for (let index = 0; index < GENERATOR.length; index++) {
    next ^= -((top >> index) & 1) & (GENERATOR[index] as number);
  }
  return next;
}
