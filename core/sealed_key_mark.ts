/** The first bytes of a sealed key file: "LETHEKEY". */
export const MAGIC: readonly number[] = ascii("LETHEKEY");
/** How much longer such a file is than its key; see docs/key_file_format.md. */
export const OVERHEAD_BYTES = 144;

/**
 * Whether bytes carry the mark of a sealed key file: such bytes are ciphertext, and no plain key.
 *
 * - Y1: the mark may stand anywhere, as ASCII or UTF-16: behind a byte order mark or a newline, twice
 * - Y2: a file whose first bytes were cut off is known by the fixed fields behind the mark
 * - Y3: what is left of a file that was cut within the mark is known from four of its bytes on
 * - Y4: base64 and hex of a sealed key file are known by their beginning
 *
 * A random key is taken for one with a probability below 2^-31.
 */
export function carriesMagic(bytes: Uint8Array): boolean {
  return (
    contains(bytes, MAGIC) || contains(bytes, WIDE_MAGIC) || isBeheaded(bytes) || isEncoded(bytes)
  );
}

/** Whether `pattern` stands anywhere in `bytes`. */
export function contains(bytes: Uint8Array, pattern: readonly number[]): boolean {
  const [first] = pattern;
  for (let at = 0; at + pattern.length <= bytes.length; at++) {
    if (bytes[at] === first && hasAt(bytes, at, pattern)) return true;
  }
  return false;
}

/** Whether `pattern` stands at a place of `bytes`. */
export function hasAt(bytes: Uint8Array, at: number, pattern: readonly number[]): boolean {
  return pattern.every((byte, index) => bytes[at + index] === byte);
}

/** The bytes of ASCII text. */
export function ascii(text: string): readonly number[] {
  return [...text].map((letter) => letter.charCodeAt(0));
}

/** Y2 and Y3. */
function isBeheaded(bytes: Uint8Array): boolean {
  const { length } = bytes;
  if (length >= 4 && length < MAGIC.length && hasAt(bytes, 0, MAGIC.slice(0, length))) return true;
  for (let cut = 1; cut <= MAGIC.length; cut++) {
    const fields = MAGIC.length - cut;
    if (!hasAt(bytes, 0, MAGIC.slice(cut)) || !hasAt(bytes, fields, FIXED)) continue;
    if (cut < MAGIC.length - 3 || length === keyBytesAt(bytes, fields + 12) + OVERHEAD_BYTES - cut)
      return true;
  }
  return false;
}

/** The field that tells the number of bytes of the key, little-endian. */
function keyBytesAt(bytes: Uint8Array, at: number): number {
  return [3, 2, 1, 0].reduce((sum, index) => sum * 256 + (bytes[at + index] ?? 0), 0);
}

/** Y4. Spaces and newlines in front are passed over. */
function isEncoded(bytes: Uint8Array): boolean {
  let start = 0;
  while (start < bytes.length && WHITE.includes(bytes[start] as number)) start += 1;
  return ENCODED.some((text) => hasAt(bytes, start, text));
}

const WIDE_MAGIC = MAGIC.flatMap((byte) => [byte, 0]).slice(0, -1);
/** Version, derivation and cipher. */
const FIXED = [1, 1, 1];
const WHITE: readonly number[] = ascii(" \t\r\n");
const ENCODED = [
  ascii("TEVUSEVLRVkBAQE"), // base64 of the mark and the fixed fields
  ascii("4c455448454b4559"),
  ascii("4C455448454B4559"),
];
