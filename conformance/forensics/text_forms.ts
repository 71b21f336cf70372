import { type Form, lowerBound } from "./form.ts";
import type { WorkingMemory } from "./working_memory.ts";

/**
 * A secret that is valid UTF-8 (a password, a token) as engines hold its text: two bytes a unit, or
 * one where every character is Latin-1. Gives none for other bytes.
 */
export function textForms(secret: Uint8Array, working: WorkingMemory): Form[] {
  // In 16-bit units: where the character of each secret byte begins and ends.
  const starts = working.words(secret.length);
  const ends = working.words(secret.length);
  let length = 0;
  let latin1 = true;
  for (let index = 0; index < secret.length; ) {
    const { size, point } = decodeAt(secret, index);
    if (size === 0) return [];
    latin1 &&= point < 0x100;
    starts.fill(length, index, index + size);
    length += point < 0x10000 ? 1 : 2;
    ends.fill(length, index, index + size);
    index += size;
  }
  const end = (k: number): number => ends[k] ?? 0;
  const unitAt = (unit: number): number => {
    const k = lowerBound(ends.length, unit + 1, end);
    const { point } = decodeAt(secret, k);
    if (point < 0x10000) return point;
    const above = point - 0x10000;
    return unit === starts[k] ? 0xd800 + (above >> 10) : 0xdc00 + (above & 0x3ff);
  };
  const form = (encoding: "text-latin1" | "text-utf16", width: 1 | 2): Form => ({
    encoding,
    byteLength: length * width,
    secretBytes: secret.length,
    backwards: false,
    byteAt: (offset) =>
      width === 1 ? unitAt(offset) : (unitAt(offset >> 1) >> ((offset & 1) * 8)) & 0xff,
    start: (k) => (starts[k] ?? 0) * width,
    end: (k) => end(k) * width,
  });
  return [...(latin1 ? [form("text-latin1", 1)] : []), form("text-utf16", 2)];
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
