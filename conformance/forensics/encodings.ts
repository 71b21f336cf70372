/**
 * Encodings of secret bytes as text: what `toString`, `JSON.stringify`, `String` and the inspectors
 * of the runtimes print.
 *
 * - `hex-*`: both cases; joined, with spaces (as in `<Buffer ab cd>`) or with colons
 * - `base64-*`, `base64url-*`: after 0, 1 or 2 other bytes modulo 3. The sextets that mix the secret
 *   with a neighbour are not compared, so up to 6 bits at either end are taken on trust
 * - `decimal`: canonical numbers, between them a comma, up to 16 blanks or line ends, or both
 * - `json-object`: `"0":171,"1":205`, what `JSON.stringify` makes of a whole `Uint8Array`
 */
export type TextEncoding =
  | "hex-lower"
  | "hex-upper"
  | "hex-lower-spaces"
  | "hex-upper-spaces"
  | "hex-lower-colons"
  | "hex-upper-colons"
  | "base64-0"
  | "base64-1"
  | "base64-2"
  | "base64url-0"
  | "base64url-1"
  | "base64url-2"
  | "json-object"
  | "decimal";

/**
 * Arrays of numbers as engines hold them in memory, one element per secret byte, at addresses that
 * are multiples of 4 (of 8 where an element has two words and could be taken for another kind).
 *
 * - `smi64`: V8 without pointer compression, the value in the upper 32 bits
 * - `smi32`: V8 with pointer compression, the value shifted left by one
 * - `jsc-int32`: JavaScriptCore's boxed integers, `0xfffe0000_000000vv`
 * - `int32`, `int64`, `float32`, `float64`: typed arrays, native arrays, arrays of doubles
 */
export type NumberEncoding =
  | "smi64"
  | "smi32"
  | "jsc-int32"
  | "int32"
  | "int64"
  | "float32"
  | "float64";

/**
 * Every form in which a secret is sought.
 *
 * - `raw`, `reversed`: the bytes themselves
 * - `latin1-utf16`: each byte as a 16-bit unit, a two-byte string or a `Uint16Array`
 * - `latin1-utf8`: the bytes as Latin-1 text, written as UTF-8
 * - `text-latin1`, `text-utf16`: a needle that is valid UTF-8, as an engine holds its text
 * - `*-utf16`: the text encodings in two-byte strings
 *
 * Not sought: compressed, encrypted, percent-encoded or `\u`-escaped copies, base32, hex with other
 * separators, big-endian numbers, bits that are not at a byte border.
 */
export type Encoding =
  | "raw"
  | "reversed"
  | "latin1-utf16"
  | "latin1-utf8"
  | "text-latin1"
  | "text-utf16"
  | TextEncoding
  | `${TextEncoding}-utf16`
  | NumberEncoding;

/** Where two forms read the same bytes alike, the one that stands first here names the finding. */
export const ENCODINGS: readonly Encoding[] = [
  "raw",
  "reversed",
  "text-latin1",
  "text-utf16",
  "latin1-utf16",
  "latin1-utf8",
  "hex-lower",
  "hex-upper",
  "hex-lower-spaces",
  "hex-upper-spaces",
  "hex-lower-colons",
  "hex-upper-colons",
  "base64-0",
  "base64-1",
  "base64-2",
  "base64url-0",
  "base64url-1",
  "base64url-2",
  "decimal",
  "json-object",
  "hex-lower-utf16",
  "hex-upper-utf16",
  "hex-lower-spaces-utf16",
  "hex-upper-spaces-utf16",
  "hex-lower-colons-utf16",
  "hex-upper-colons-utf16",
  "base64-0-utf16",
  "base64-1-utf16",
  "base64-2-utf16",
  "base64url-0-utf16",
  "base64url-1-utf16",
  "base64url-2-utf16",
  "decimal-utf16",
  "json-object-utf16",
  "smi64",
  "smi32",
  "jsc-int32",
  "int32",
  "int64",
  "float32",
  "float64",
];
