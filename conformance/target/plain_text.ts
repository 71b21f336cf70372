import type { Encoding } from "../../core/mod.ts";

/**
 * A plain codec for the target's side, from bytes to bytes, so that the text of a needle is never a
 * string. It looks up its alphabet by secret bytes, which the one under test must not.
 */
export function encodeInto(text: Uint8Array, bytes: Uint8Array, encoding: Encoding): void {
  const digits = ALPHABETS[encoding];
  const bitsPerDigit = encoding === "hex" ? 4 : 6;
  let at = 0;
  let held = 0;
  let bits = 0;
  for (let index = 0; index < bytes.length; index++) {
    held = ((held << 8) | (bytes[index] ?? 0)) & 0xffff;
    bits += 8;
    while (bits >= bitsPerDigit) {
      bits -= bitsPerDigit;
      text[at++] = digits[(held >> bits) & (digits.length - 1)] ?? 0;
    }
  }
  if (bits > 0) text[at++] = digits[(held << (bitsPerDigit - bits)) & (digits.length - 1)] ?? 0;
  text.fill(PADDING, at);
}

/** Length of the text of `byteLength` bytes. */
export function encodedLength(byteLength: number, encoding: Encoding): number {
  if (encoding === "hex") return byteLength * 2;
  return encoding === "base64" ? Math.ceil(byteLength / 3) * 4 : Math.ceil((byteLength * 4) / 3);
}

const PADDING = 0x3d;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

const ALPHABETS: Readonly<Record<Encoding, Uint8Array>> = {
  hex: codes("0123456789abcdef"),
  base64: codes(`${LETTERS}+/`),
  base64url: codes(`${LETTERS}-_`),
};

function codes(alphabet: string): Uint8Array {
  return Uint8Array.from(alphabet, (character) => character.charCodeAt(0));
}
