import type { View } from "./bytes.ts";
import { damaged } from "./refusal.ts";

const [QUOTE, BACKSLASH, UNICODE] = [34, 92, 117];
/** What a byte behind a backslash stands for (RFC 8259, section 7). */
const MEANINGS: ReadonlyMap<number, number> = new Map([
  [34, 34],
  [47, 47],
  [92, 92],
  [98, 8],
  [102, 12],
  [110, 10],
  [114, 13],
  [116, 9],
]);
const REPLACEMENT = 0xfffd;

/**
 * What a string of JSON says, in UTF-8: programs write `/`, `=` and others as escapes. Its branches tell the text, so it is for
 * public text alone.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_DAMAGED` for an escape that is none
 */
export function unescaped(text: View): View {
  if (!text.includes(BACKSLASH)) return text;
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const byte = text[at] as number;
    if (byte !== BACKSLASH) {
      bytes.push(byte);
      continue;
    }
    at += 1;
    if (text[at] !== UNICODE) {
      const meaning = MEANINGS.get(text[at] ?? -1);
      if (meaning === undefined) throw damaged("its JSON");
      bytes.push(meaning);
      continue;
    }
    let code = unitAt(text, at + 1);
    at += 4;
    const hasSecond = isHigh(code) && text[at + 1] === BACKSLASH && text[at + 2] === UNICODE;
    const second = hasSecond ? unitAt(text, at + 3) : 0;
    if (isLow(second)) {
      code = 0x10000 + ((code - 0xd800) << 10) + (second - 0xdc00);
      at += 6;
    }
    bytes.push(...utf8(isHigh(code) || isLow(code) ? REPLACEMENT : code));
  }
  const whole = new Uint8Array(new ArrayBuffer(bytes.length));
  whole.set(bytes);
  return whole;
}

/** Public text for a string of JSON. It has no controls. */
export function escaped(text: Uint8Array): View {
  const count = text.filter(isMark).length;
  const whole = new Uint8Array(new ArrayBuffer(text.length + count));
  let at = 0;
  for (const byte of text) {
    if (isMark(byte)) whole[at++] = BACKSLASH;
    whole[at++] = byte;
  }
  return whole;
}

function isMark(byte: number): boolean {
  return byte === QUOTE || byte === BACKSLASH;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}

/** The four digits of a unit of UTF-16. */
function unitAt(text: View, start: number): number {
  let unit = 0;
  for (let at = start; at < start + 4; at++) {
    const byte = text[at] ?? 0;
    const lower = byte | 32;
    if (byte >= 48 && byte <= 57) unit = unit * 16 + byte - 48;
    else if (lower >= 97 && lower <= 102) unit = unit * 16 + lower - 87;
    else throw damaged("its JSON");
  }
  return unit;
}

function utf8(code: number): readonly number[] {
  if (code < 0x80) return [code];
  if (code < 0x800) return [0xc0 | (code >> 6), 0x80 | (code & 63)];
  if (code < 0x10000) return [0xe0 | (code >> 12), ...[code >> 6, code].map(following)];
  return [0xf0 | (code >> 18), ...[code >> 12, code >> 6, code].map(following)];
}

function following(bits: number): number {
  return 0x80 | (bits & 63);
}
