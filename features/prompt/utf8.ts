/** The offset at which the code point that ends at `end` begins. */
export function startOfCodePoint(bytes: Uint8Array, end: number): number {
  for (let length = 1; length <= 4 && length <= end; length++) {
    const lead = bytes[end - length] as number;
    if (sequenceLength(lead) === length && codePointAt(bytes, end - length, end) >= 0) {
      return end - length;
    }
  }
  return Math.max(0, end - 1);
}

/** How many bytes a code point has that begins with `lead`; 0 where none does. */
export function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return 2;
  if (lead < 0xf0) return 3;
  return lead < 0xf5 ? 4 : 0;
}

const SMALLEST: readonly number[] = [0, 0, 0x80, 0x800, 0x10000];

/**
 * The code point of exactly these bytes, or -1 when they are not one (RFC 3629: shortest form, no
 * surrogates, up to U+10FFFF).
 */
export function codePointAt(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  const lead = bytes[start] as number;
  if (length < 1 || sequenceLength(lead) !== length) return -1;
  let point = length === 1 ? lead : lead & (0x7f >> length);
  for (let at = start + 1; at < end; at++) {
    const byte = bytes[at] as number;
    if ((byte & 0xc0) !== 0x80) return -1;
    point = (point << 6) | (byte & 0x3f);
  }
  const isSurrogate = point >= 0xd800 && point <= 0xdfff;
  return isSurrogate || point > 0x10ffff || point < (SMALLEST[length] as number) ? -1 : point;
}
