/** The first bytes of a sealed key file: "LETHEKEY". */
export const MAGIC: readonly number[] = ascii("LETHEKEY");
/** How much longer such a file is than its key; see docs/key_file_format.md. */
export const OVERHEAD_BYTES = 144;

/**
 * Whether bytes carry the mark of a sealed key file: such bytes are ciphertext, and no plain key.
 *
 * - MARK-1: the mark may stand anywhere, as ASCII, UTF-16 or UTF-32: behind a byte order mark or a newline, twice
 * - MARK-2: a file of which up to eight bytes were cut off in front is known by the fixed fields behind the mark,
 *   also behind white space and a byte order mark. With the whole mark gone its length has to fit as well
 * - MARK-3: what is left of a file that was cut within the mark is known from four of its bytes on
 * - MARK-4: the mark may stand anywhere in base64, whatever stands before it; and in hex, with a prefix or
 *   separators between the bytes
 *
 * What was cut further, compressed, encrypted or turned into yet another encoding is not known. A random key
 * is taken for one with a probability below 2^-31.
 */
export function carriesMagic(bytes: Uint8Array): boolean {
  return (
    MARKS.some((mark) => contains(bytes, mark)) ||
    isBeheaded(bytes, blanksOf(bytes)) ||
    isHex(bytes)
  );
}

/** Whether `pattern` stands anywhere in `bytes`. */
export function contains(bytes: Uint8Array, pattern: ArrayLike<number>): boolean {
  const first = pattern[0];
  for (let at = 0; at + pattern.length <= bytes.length; at++) {
    if (bytes[at] === first && hasAt(bytes, at, pattern)) return true;
  }
  return false;
}

/** Whether `pattern` stands at a place of `bytes`. */
export function hasAt(bytes: Uint8Array, at: number, pattern: ArrayLike<number>): boolean {
  for (let index = 0; index < pattern.length; index++) {
    if (bytes[at + index] !== pattern[index]) return false;
  }
  return true;
}

/** The bytes of ASCII text. */
export function ascii(text: string): readonly number[] {
  return [...text].map((letter) => letter.charCodeAt(0));
}

/** MARK-2 and MARK-3, from `start` on. */
function isBeheaded(bytes: Uint8Array, start: number): boolean {
  const length = bytes.length - start;
  if (length >= 4 && length < MAGIC.length && hasAt(bytes, start, MAGIC.slice(0, length)))
    return true;
  for (let cut = 1; cut <= MAGIC.length; cut++) {
    const fields = start + MAGIC.length - cut;
    if (!hasAt(bytes, start, MAGIC.slice(cut)) || !hasAt(bytes, fields, FIXED)) continue;
    if (cut < MAGIC.length || length === keyBytesAt(bytes, fields + 12) + OVERHEAD_BYTES - cut)
      return true;
  }
  return false;
}

/** How many bytes in front are white space or a byte order mark. */
function blanksOf(bytes: Uint8Array): number {
  let at = hasAt(bytes, 0, BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
  while (at < bytes.length && WHITE.includes(bytes[at] as number)) at += 1;
  return at;
}

/** The field that tells the number of bytes of the key, little-endian. */
function keyBytesAt(bytes: Uint8Array, at: number): number {
  return [3, 2, 1, 0].reduce((sum, index) => sum * 256 + (bytes[at + index] ?? 0), 0);
}

/** The mark as hex digits, of either case. `0x` and whatever is not a digit is passed over. */
function isHex(bytes: Uint8Array): boolean {
  let found = 0;
  for (let at = 0; at < bytes.length; at++) {
    const digit = digitOf(bytes[at] as number);
    const isPrefix = digit === 0 && ((bytes[at + 1] as number) | 0x20) === LETTER_X;
    if (digit < 0 || isPrefix) continue;
    while (found > 0 && digit !== HEX_MARK[found]) found = overlapOf(found);
    if (digit === HEX_MARK[found]) found += 1;
    if (found === HEX_MARK.length) return true;
  }
  return false;
}

/** How many of the last of the first `found` digits of the mark are its first ones: "4c4" ends with its first. */
function overlapOf(found: number): number {
  let length = found - 1;
  while (!HEX_MARK.slice(0, length).every((digit, at) => digit === HEX_MARK[found - length + at])) {
    length -= 1;
  }
  return length;
}

/** The value of a hex digit in ASCII, or -1. */
function digitOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

const MARKS: readonly (readonly number[])[] = [
  MAGIC,
  MAGIC.flatMap((byte) => [byte, 0]).slice(0, -1),
  MAGIC.flatMap((byte) => [byte, 0, 0, 0]).slice(0, -3),
  // The mark in base64 behind 0, 1 and 2 bytes more than a multiple of three: what depends on it alone.
  ascii("TEVUSEVLRV"),
  ascii("xFVEhFS0VZ"),
  ascii("MRVRIRUtFW"),
];
const HEX_MARK: readonly number[] = MAGIC.flatMap((byte) => [byte >> 4, byte & 15]);
const LETTER_X = 0x78;
/** Version, derivation and cipher. */
const FIXED = [1, 1, 1];
const WHITE: readonly number[] = ascii(" \t\r\n");
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
