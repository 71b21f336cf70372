import { ascii } from "../../../core/sealed_key_mark.ts";
import { BLOWFISH_WORDS, encipher, expandBlowfish, startBlowfish } from "./blowfish.ts";
import { Hasher } from "./hash.ts";
import { SHA512 } from "./sha512.ts";
import { roundUp, type Workspace } from "./workspace.ts";

/** Bytes of one bcrypt hash. */
const OUTPUT_BYTES = 32;
/** As bcrypt_pbkdf fixes it. */
const COST = 64;
const MESSAGE = ascii("OxychromaticBlowfishSwatDynamite");

/** What {@link bcryptPbkdf} takes of a {@link Workspace}. */
export const BCRYPT_ROOM: number = roundUp(BLOWFISH_WORDS * 4) + Hasher.room(SHA512) + 1024;

/**
 * bcrypt_pbkdf, the key derivation of OpenSSH's private keys (OpenBSD lib/libutil/bcrypt_pbkdf.c). It
 * differs from PBKDF2 in how the blocks are laid out in the key.
 */
export function bcryptPbkdf(
  password: Uint8Array,
  salt: Uint8Array,
  rounds: number,
  target: Uint8Array,
  space: Workspace,
): void {
  const hasher = new Hasher(SHA512, space);
  const hash = space.bytes(64);
  const hashedPassword = space.words(16);
  const hashedSalt = space.words(16);
  const bcrypt = bcryptIn(space);
  const output = space.bytes(OUTPUT_BYTES);
  const sum = space.bytes(OUTPUT_BYTES);
  hasher.update(password);
  hasher.digest(hash);
  load(hash, hashedPassword);
  const stride = Math.ceil(target.length / OUTPUT_BYTES);
  for (let count = 1; count <= stride; count++) {
    hasher.reset();
    hasher.update(salt);
    hasher.update(Uint8Array.of(count >>> 24, count >>> 16, count >>> 8, count));
    for (let round = 0; round < rounds; round++) {
      if (round > 0) {
        hasher.reset();
        hasher.update(output);
      }
      hasher.digest(hash);
      load(hash, hashedSalt);
      bcrypt(hashedPassword, hashedSalt, output);
      for (let index = 0; index < OUTPUT_BYTES; index++) {
        sum[index] = (sum[index] as number) ^ (output[index] as number);
      }
    }
    for (let index = 0, at = count - 1; at < target.length; index++, at += stride) {
      target[at] = sum[index] as number;
    }
    sum.fill(0);
  }
}

type Bcrypt = (password: Int32Array, salt: Int32Array, output: Uint8Array) => void;

/** bcrypt of a hashed password and salt. */
function bcryptIn(space: Workspace): Bcrypt {
  const state = space.words(BLOWFISH_WORDS);
  const pair = space.words(2);
  const message = space.words(8);
  return (password, salt, output) => {
    startBlowfish(state);
    expandBlowfish(state, password, pair, salt);
    for (let round = 0; round < COST; round++) {
      expandBlowfish(state, salt, pair, null);
      expandBlowfish(state, password, pair, null);
    }
    load(MESSAGE, message);
    for (let round = 0; round < COST; round++) {
      for (let at = 0; at < message.length; at += 2) encipher(state, message, at);
    }
    for (let index = 0; index < output.length; index++) {
      output[index] = (message[index >> 2] as number) >> ((index & 3) * 8);
    }
  };
}

/** Big-endian words. */
function load(bytes: ArrayLike<number>, words: Int32Array): void {
  for (let index = 0; index < words.length; index++) {
    words[index] =
      ((bytes[index * 4] as number) << 24) |
      ((bytes[index * 4 + 1] as number) << 16) |
      ((bytes[index * 4 + 2] as number) << 8) |
      (bytes[index * 4 + 3] as number);
  }
}
