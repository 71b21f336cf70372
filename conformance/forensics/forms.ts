import { base64Form } from "./base64_form.ts";
import { decimalDigit, decimalLength } from "./decimal_digits.ts";
import type { Encoding, TextEncoding } from "./encodings.ts";
import { type Form, lowerBound } from "./form.ts";
import { textForms } from "./text_forms.ts";
import type { WorkingMemory } from "./working_memory.ts";

/** One byte of the encoding of the secret byte `value`, which is number `k`. */
type Digit = (value: number, place: number, k: number) => number;

/**
 * Every fixed form of `secret`, without duplicates. `decimal` and the number arrays are not among
 * them: the first has separators of any width, the others are compared word by word.
 */
export function fixedForms(secret: Uint8Array, working: WorkingMemory): Form[] {
  const all: Form[] = [
    even("raw", secret, [1, 1], (value) => value),
    { ...even("reversed", reverse(secret), [1, 1], (value) => value), backwards: true },
    ...textForms(secret, working),
    even("latin1-utf16", secret, [2, 2], (value, place) => (place === 0 ? value : 0)),
    uneven("latin1-utf8", secret, working, latin1Length, latin1AsUtf8),
  ];
  for (const form of [
    ...HEX.map(([encoding, digits, stride, separator]) =>
      even(encoding, secret, [2, stride], hex(digits, separator)),
    ),
    uneven("json-object", secret, working, jsonLength, jsonEntry),
  ]) {
    all.push(form, widen(form));
  }
  for (const alignment of [0, 1, 2] as const) {
    for (const variant of ["base64", "base64url"] as const) {
      const form = base64Form(`${variant}-${alignment}`, secret, alignment);
      all.push(form, widen(form));
    }
  }
  return all.filter((form, index) => !all.slice(0, index).some((other) => areAlike(form, other)));
}

/** What the forms read of a secret. */
type Bytes = Pick<Uint8Array, "length" | "at">;

function reverse(secret: Uint8Array): Bytes {
  return { length: secret.length, at: (k) => secret[secret.length - 1 - k] };
}

/** Each secret byte takes `width` bytes, and the next one begins `stride` behind it. */
function even(
  encoding: Encoding,
  secret: Bytes,
  [width, stride]: readonly [width: number, stride: number],
  digit: Digit,
): Form {
  return {
    encoding,
    byteLength: secret.length * stride - (stride - width),
    secretBytes: secret.length,
    backwards: false,
    byteAt(offset) {
      const k = Math.floor(offset / stride);
      return digit(secret.at(k) ?? 0, offset - k * stride, k);
    },
    start: (k) => k * stride,
    end: (k) => k * stride + width,
  };
}

/** Secret bytes that take more or less, one behind the other. Where they end is kept, what they are is not. */
function uneven(
  encoding: Encoding,
  secret: Uint8Array,
  working: WorkingMemory,
  lengthOf: (value: number, k: number) => number,
  digit: Digit,
): Form {
  const ends = working.words(secret.length);
  let byteLength = 0;
  for (let k = 0; k < secret.length; k += 1) {
    byteLength += lengthOf(secret[k] ?? 0, k);
    ends[k] = byteLength;
  }
  const start = (k: number): number => (k === 0 ? 0 : (ends[k - 1] ?? 0));
  const end = (k: number): number => ends[k] ?? 0;
  return {
    encoding,
    byteLength,
    secretBytes: secret.length,
    backwards: false,
    byteAt(offset) {
      const k = lowerBound(ends.length, offset + 1, end);
      return digit(secret[k] ?? 0, offset - start(k), k);
    },
    start,
    end,
  };
}

function widen(form: Form): Form {
  return {
    encoding: `${form.encoding as TextEncoding}-utf16`,
    byteLength: form.byteLength * 2,
    secretBytes: form.secretBytes,
    backwards: form.backwards,
    byteAt: (offset) => ((offset & 1) === 0 ? form.byteAt(offset >> 1) : 0),
    start: (k) => form.start(k) * 2,
    end: (k) => form.end(k) * 2,
  };
}

const LOWER = Uint8Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0));
const UPPER = Uint8Array.from("0123456789ABCDEF", (digit) => digit.charCodeAt(0));
const [SPACE, QUOTE, COMMA, COLON] = [0x20, 0x22, 0x2c, 0x3a] as const;

const HEX: readonly (readonly [TextEncoding, Uint8Array, 2 | 3, number])[] = [
  ["hex-lower", LOWER, 2, 0],
  ["hex-upper", UPPER, 2, 0],
  ["hex-lower-spaces", LOWER, 3, SPACE],
  ["hex-upper-spaces", UPPER, 3, SPACE],
  ["hex-lower-colons", LOWER, 3, COLON],
  ["hex-upper-colons", UPPER, 3, COLON],
];

function hex(digits: Uint8Array, separator: number): Digit {
  return (value, place) =>
    place === 2 ? separator : (digits[place === 0 ? value >> 4 : value & 15] ?? 0);
}

function latin1Length(value: number): number {
  return value < 0x80 ? 1 : 2;
}

function latin1AsUtf8(value: number, place: number): number {
  if (value < 0x80) return value;
  return place === 0 ? 0xc0 | (value >> 6) : 0x80 | (value & 0x3f);
}

function jsonLength(value: number, k: number): number {
  return (k > 0 ? 1 : 0) + 3 + decimalLength(k) + decimalLength(value);
}

/** `"12":171`, behind a comma but for the first. */
function jsonEntry(value: number, place: number, k: number): number {
  const at = k > 0 ? place - 1 : place;
  const keyLength = decimalLength(k);
  if (at < 0) return COMMA;
  if (at === 0 || at === keyLength + 1) return QUOTE;
  if (at <= keyLength) return decimalDigit(k, at - 1);
  return at === keyLength + 2 ? COLON : decimalDigit(value, at - keyLength - 3);
}

function areAlike(a: Form, b: Form): boolean {
  if (a.byteLength !== b.byteLength) return false;
  for (let offset = 0; offset < a.byteLength; offset += 1) {
    if (a.byteAt(offset) !== b.byteAt(offset)) return false;
  }
  return true;
}
