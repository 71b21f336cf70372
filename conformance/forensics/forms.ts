import { base64Form } from "./base64_form.ts";
import type { Encoding, TextEncoding } from "./encodings.ts";
import { textForms } from "./text_forms.ts";

/**
 * A secret in one encoding, as the bytes to look for.
 *
 * Secret byte `k` (in the order of the encoding) is covered by `bytes[starts[k] .. ends[k])`, which
 * is how a partial match is counted in secret bytes.
 */
export interface Form {
  readonly encoding: Encoding;
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** Whether `k` counts from the end of the secret. */
  readonly backwards: boolean;
}

/** Writes the encoding of one secret byte at `at` and returns the position behind it. */
type Write = (out: Uint8Array, at: number, value: number, index: number) => number;

/**
 * Every fixed form of `secret`, without duplicates. `decimal` and the number arrays are not among
 * them: the first has separators of any width, the others are compared word by word.
 *
 * All of it is made from bytes to bytes: the scanner makes no string of a secret.
 */
export function fixedForms(secret: Uint8Array): Form[] {
  const all: Form[] = [
    plain("raw", secret, 1, (out, at, value) => put(out, at, value)),
    {
      ...plain("reversed", secret.slice().reverse(), 1, (out, at, value) => put(out, at, value)),
      backwards: true,
    },
    ...textForms(secret),
    plain("latin1-utf16", secret, 2, (out, at, value) => put(out, put(out, at, value), 0)),
    plain("latin1-utf8", secret, 2, latin1AsUtf8),
  ];
  for (const { encoding, size, write } of TEXT) {
    const form = plain(encoding, secret, size, write);
    all.push(form, widen(form, `${encoding}-utf16`));
  }
  for (const alignment of [0, 1, 2] as const) {
    for (const variant of ["base64", "base64url"] as const) {
      const form = base64Form(`${variant}-${alignment}`, secret, alignment);
      all.push(form, widen(form, `${variant}-${alignment}-utf16`));
    }
  }
  return all.filter(
    (form, index) => !all.slice(0, index).some((other) => sameBytes(form.bytes, other.bytes)),
  );
}

const LOWER = Uint8Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0));
const UPPER = Uint8Array.from("0123456789ABCDEF", (digit) => digit.charCodeAt(0));
const [SPACE, QUOTE, COMMA, ZERO, COLON] = [0x20, 0x22, 0x2c, 0x30, 0x3a] as const;

const TEXT: readonly { encoding: TextEncoding; size: number; write: Write }[] = [
  { encoding: "hex-lower", size: 2, write: hex(LOWER, null) },
  { encoding: "hex-upper", size: 2, write: hex(UPPER, null) },
  { encoding: "hex-lower-spaces", size: 3, write: hex(LOWER, SPACE) },
  { encoding: "hex-upper-spaces", size: 3, write: hex(UPPER, SPACE) },
  { encoding: "hex-lower-colons", size: 3, write: hex(LOWER, COLON) },
  { encoding: "hex-upper-colons", size: 3, write: hex(UPPER, COLON) },
  { encoding: "json-object", size: 12, write: jsonEntry },
];

function hex(digits: Uint8Array, separator: number | null): Write {
  return (out, at, value, index) => {
    const digitsAt = separator === null || index === 0 ? at : put(out, at, separator);
    return put(out, put(out, digitsAt, digits[value >> 4] ?? 0), digits[value & 15] ?? 0);
  };
}

function jsonEntry(out: Uint8Array, at: number, value: number, index: number): number {
  const quoteAt = index === 0 ? at : put(out, at, COMMA);
  const keyAt = put(out, quoteAt, QUOTE);
  return number(out, put(out, put(out, number(out, keyAt, index), QUOTE), COLON), value);
}

function latin1AsUtf8(out: Uint8Array, at: number, value: number): number {
  return value < 0x80
    ? put(out, at, value)
    : put(out, put(out, at, 0xc0 | (value >> 6)), 0x80 | (value & 0x3f));
}

function number(out: Uint8Array, at: number, value: number): number {
  const higher = value >= 10 ? number(out, at, Math.floor(value / 10)) : at;
  return put(out, higher, ZERO + (value % 10));
}

function put(out: Uint8Array, at: number, byte: number): number {
  out[at] = byte;
  return at + 1;
}

/** A separator belongs to the byte behind it but is not needed to cover it. */
function plain(encoding: Encoding, secret: Uint8Array, size: number, write: Write): Form {
  const bytes = new Uint8Array(new ArrayBuffer(secret.length * size));
  const starts = new Uint32Array(secret.length);
  const ends = new Uint32Array(secret.length);
  let at = 0;
  for (let index = 0; index < secret.length; index += 1) {
    const separated = size === 3 && index > 0;
    starts[index] = separated ? at + 1 : at;
    at = write(bytes, at, secret[index] ?? 0, index);
    ends[index] = at;
  }
  return { encoding, bytes: bytes.subarray(0, at), starts, ends, backwards: false };
}

function widen(form: Form, encoding: Encoding): Form {
  const bytes = new Uint8Array(new ArrayBuffer(form.bytes.length * 2));
  for (let index = 0; index < form.bytes.length; index += 1)
    bytes[index * 2] = form.bytes[index] ?? 0;
  const double = (offset: number): number => offset * 2;
  return {
    encoding,
    bytes,
    starts: form.starts.map(double),
    ends: form.ends.map(double),
    backwards: form.backwards,
  };
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
