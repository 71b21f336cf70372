import type { Form } from "./forms.ts";

/**
 * A secret that is valid UTF-8 (a password, a token) as engines hold its text: two bytes a unit, or
 * one where every character is Latin-1. Gives none for other bytes.
 */
export function textForms(secret: Uint8Array): Form[] {
  const units = new Uint16Array(new ArrayBuffer(secret.length * 2));
  const starts = new Uint32Array(secret.length);
  const ends = new Uint32Array(secret.length);
  let length = 0;
  for (let index = 0; index < secret.length; ) {
    const { size, point } = decodeAt(secret, index);
    if (size === 0) return [];
    const from = length;
    if (point >= 0x10000) units[length++] = 0xd800 + ((point - 0x10000) >> 10);
    units[length++] = point < 0x10000 ? point : 0xdc00 + ((point - 0x10000) & 0x3ff);
    starts.fill(from, index, index + size);
    ends.fill(length, index, index + size);
    index += size;
  }
  const text = units.subarray(0, length);
  const wide = new Uint8Array(new ArrayBuffer(length * 2));
  text.forEach((unit, at) => {
    wide[at * 2] = unit & 0xff;
    wide[at * 2 + 1] = unit >> 8;
  });
  const double = (offset: number): number => offset * 2;
  const forms: Form[] = [
    {
      encoding: "text-utf16",
      bytes: wide,
      starts: starts.map(double),
      ends: ends.map(double),
      backwards: false,
    },
  ];
  if (text.every((unit) => unit < 0x100)) {
    forms.unshift({
      encoding: "text-latin1",
      bytes: Uint8Array.from(text),
      starts,
      ends,
      backwards: false,
    });
  }
  units.fill(0);
  return forms;
}

/** The code point at `at` and the bytes it takes, or size 0 where the bytes are not UTF-8 (RFC 3629). */
function decodeAt(bytes: Uint8Array, at: number): { size: number; point: number } {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return { size: 1, point: lead };
  const size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || at + size > bytes.length) return { size: 0, point: 0 };
  let point = lead & (0x7f >> size);
  for (let next = at + 1; next < at + size; next += 1) {
    const byte = bytes[next] ?? 0;
    if ((byte & 0xc0) !== 0x80) return { size: 0, point: 0 };
    point = (point << 6) | (byte & 0x3f);
  }
  const least = size === 4 ? 0x10000 : size === 3 ? 0x800 : 0x80;
  const surrogate = point >= 0xd800 && point <= 0xdfff;
  return point < least || point > 0x10ffff || surrogate ? { size: 0, point: 0 } : { size, point };
}
