import type { Encoding } from "./encodings.ts";
import type { Form } from "./form.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const STANDARD = Uint8Array.from(`${ALPHABET}+/`, (digit) => digit.charCodeAt(0));
const URL_SAFE = Uint8Array.from(`${ALPHABET}-_`, (digit) => digit.charCodeAt(0));

/**
 * The digits of `secret` in base64 when `alignment` other bytes (modulo 3) stand before it.
 *
 *     alignment 1:   | x x x x x x | x x s s s s | s s s s s s | ...     x: the byte before
 *                      not sought    not sought    sought
 *
 * Only digits made of secret bits alone are sought, so that neither the neighbours nor the padding
 * matter.
 */
export function base64Form(
  encoding: Extract<Encoding, `base64${string}`>,
  secret: Uint8Array,
  alignment: 0 | 1 | 2,
): Form {
  const alphabet = encoding.startsWith("base64url") ? URL_SAFE : STANDARD;
  const first = Math.ceil((alignment * 8) / 6);
  const end = Math.floor(((alignment + secret.length) * 8) / 6);
  const bitOf = (k: number): number => (alignment + k) * 8;
  return {
    encoding,
    byteLength: end - first,
    secretBytes: secret.length,
    backwards: false,
    byteAt(offset) {
      const bit = (first + offset) * 6 - alignment * 8;
      const pair = ((secret[bit >> 3] ?? 0) << 8) | (secret[(bit >> 3) + 1] ?? 0);
      return alphabet[(pair >> (10 - (bit & 7))) & 63] ?? 0;
    },
    start: (k) => Math.max(first, Math.floor(bitOf(k) / 6)) - first,
    end: (k) => Math.min(end, Math.floor((bitOf(k) + 7) / 6) + 1) - first,
  };
}
