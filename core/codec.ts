import { wrongType } from "./arguments/argument_error.ts";
import { lengthOf } from "./arguments/check_bytes.ts";
import { LetheError } from "./contract/errors.ts";

/**
 * How bytes are written as text. `hex` reads both cases and writes lower case; `base64` has
 * padding, `base64url` has none (RFC 4648 sections 4, 5 and 8).
 */
export type Encoding = "hex" | "base64" | "base64url";

/**
 * A codec from bytes to bytes. No string, no table look-up and no branch depends on the content:
 * only lengths, the encoding and the presence of padding steer it. What a just-in-time compiler
 * makes of that is not promised.
 */
export interface Codec {
  /** Length of the text for `byteLength` bytes. */
  encodedLength(byteLength: number): number;
  /** Length of the bytes that `text` stands for, or -1 if no text has this length or padding. */
  decodedLength(text: Uint8Array): number;
  encode(bytes: Uint8Array, text: Uint8Array): void;
  /** @returns whether every character was valid and the text canonical */
  decode(text: Uint8Array, bytes: Uint8Array): boolean;
}

// Masks: all ones when the comparison holds, else zero. Exact for operands below 2^30.
const below = (left: number, right: number): number => (left - right) >> 31;
const within = (value: number, first: number, last: number): number =>
  ~below(value, first) & below(value, last + 1);

const hex: Codec = {
  encodedLength: (byteLength) => byteLength * 2,
  decodedLength(text) {
    const length = lengthOf(text);
    return length % 2 === 0 ? length / 2 : -1;
  },
  encode(bytes, text) {
    const length = lengthOf(bytes);
    for (let index = 0; index < length; index++) {
      const byte = bytes[index] as number;
      text[index * 2] = hexCharacter(byte >> 4);
      text[index * 2 + 1] = hexCharacter(byte & 15);
    }
  },
  decode(text, bytes) {
    const length = lengthOf(bytes);
    let invalid = 0;
    for (let index = 0; index < length; index++) {
      const high = hexValue(text[index * 2] as number);
      const low = hexValue(text[index * 2 + 1] as number);
      invalid |= (high | low) >> 31;
      bytes[index] = (high << 4) | (low & 15);
    }
    return invalid === 0;
  },
};

function hexCharacter(value: number): number {
  return 48 + value + (~below(value, 10) & 39);
}

/** 0 to 15, or -1. */
function hexValue(character: number): number {
  const lower = character | 32;
  return (
    (within(character, 48, 57) & (character - 47)) + (within(lower, 97, 102) & (lower - 86)) - 1
  );
}

function base64(plus: number, slash: number, padded: boolean): Codec {
  // 65 is A. Each step is where the alphabet goes on elsewhere: at a, 0, the character of 62 and that of 63.
  const character = (value: number): number =>
    value +
    65 +
    (below(25, value) & 6) -
    (below(51, value) & 75) -
    (below(61, value) & (58 - plus)) +
    (below(62, value) & (slash - plus - 1));
  /** 0 to 63, or -1: one of the five at most counts, and each gives one more than its value. */
  const sextet = (code: number): number =>
    (within(code, 65, 90) & (code - 64)) +
    (within(code, 97, 122) & (code - 70)) +
    (within(code, 48, 57) & (code + 5)) +
    (within(code, plus, plus) & 63) +
    (within(code, slash, slash) & 64) -
    1;
  return {
    encodedLength: (byteLength) =>
      padded ? Math.ceil(byteLength / 3) * 4 : Math.ceil((byteLength * 4) / 3),
    decodedLength(text) {
      const length = lengthOf(text);
      const characters = length - (padded ? paddingLength(text, length) : 0);
      if (padded && length % 4 !== 0) return -1;
      return characters % 4 === 1 ? -1 : Math.floor((characters * 3) / 4);
    },
    encode(bytes, text) {
      const length = lengthOf(bytes);
      let at = 0;
      for (let index = 0; index < length; index += 3) {
        const left = length - index;
        const group =
          ((bytes[index] as number) << 16) |
          ((bytes[index + 1] ?? 0) << 8) |
          (bytes[index + 2] ?? 0);
        text[at++] = character((group >> 18) & 63);
        text[at++] = character((group >> 12) & 63);
        if (left > 1) text[at++] = character((group >> 6) & 63);
        if (left > 2) text[at++] = character(group & 63);
      }
      const end = lengthOf(text);
      while (at < end) text[at++] = PADDING;
    },
    decode(text, bytes) {
      const characters = Math.ceil((lengthOf(bytes) * 4) / 3);
      let invalid = 0;
      let at = 0;
      for (let index = 0; index < characters; index += 4) {
        const left = characters - index;
        const first = sextet(text[index] as number);
        const second = sextet(text[index + 1] as number);
        const third = left > 2 ? sextet(text[index + 2] as number) : 0;
        const fourth = left > 3 ? sextet(text[index + 3] as number) : 0;
        invalid |= (first | second | third | fourth) >> 31;
        bytes[at++] = (first << 2) | (second >> 4);
        if (left > 2) bytes[at++] = (second << 4) | (third >> 2);
        else invalid |= second & 15;
        if (left > 3) bytes[at++] = (third << 6) | fourth;
        else if (left > 2) invalid |= third & 3;
      }
      return invalid === 0;
    },
  };
}

const PADDING = 61;

/** Padding shows the length, which is public, and nothing of the content. */
function paddingLength(text: Uint8Array, length: number): number {
  if (text[length - 1] !== PADDING) return 0;
  return text[length - 2] === PADDING ? 2 : 1;
}

const CODECS: Readonly<Record<Encoding, Codec>> = {
  hex,
  base64: base64(43, 47, true),
  base64url: base64(45, 95, false),
};

/** base64 without padding: what age has in its headers. No {@link Encoding} of the public calls. */
export const UNPADDED_BASE64: Codec = /* @__PURE__ */ base64(43, 47, false);

/** @throws {TypeError} when there is no such encoding */
export function codecFor(encoding: unknown, verb: string): Codec {
  if (typeof encoding === "string" && Object.hasOwn(CODECS, encoding)) {
    return CODECS[encoding as Encoding];
  }
  throw wrongType(
    `Cannot ${verb} secret as encoding must be one of ${Object.keys(CODECS).join(", ")}`,
  );
}

/** The one error for malformed text. It names no position and no character: both are secret. */
export function malformed(encoding: Encoding): LetheError {
  return new LetheError(
    "ERR_LETHE_ENCODING",
    `Cannot decode secret: the source is not canonical ${encoding} (no white space, ${encoding === "base64" ? "with" : "no"} padding)`,
  );
}
