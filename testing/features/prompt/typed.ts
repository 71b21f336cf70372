import { deriveInto } from "../../../conformance/forensics/derived_needle.ts";

/** What a person types, derived from a seed on both sides, so that no command line holds it. */
export type Kind = "ascii" | "unicode" | "paste";

export const SEEDS: Readonly<Record<Kind, number>> = { ascii: 7101, unicode: 7102, paste: 7103 };

const LENGTHS: Readonly<Record<Kind, number>> = { ascii: 20, unicode: 20, paste: 4096 };

/** The bytes of the password: printable, all characters distinct enough for a needle. */
export function password(kind: Kind): Uint8Array<ArrayBuffer> {
  const random = new Uint8Array(new ArrayBuffer(Math.max(256, LENGTHS[kind])));
  deriveInto(SEEDS[kind], random);
  const bytes = new Uint8Array(new ArrayBuffer(8192));
  let end = 0;
  for (let index = 0; index < LENGTHS[kind]; index++) {
    const value = random[index] as number;
    if (kind !== "unicode") {
      bytes[end++] = 0x21 + (value % 94);
      continue;
    }
    for (const byte of SHAPES[index % SHAPES.length]?.(value) ?? []) bytes[end++] = byte;
  }
  return bytes.subarray(0, end);
}

/** One character each: a letter with two marks, an emoji with a skin tone, Cyrillic, ASCII. */
const SHAPES: readonly ((value: number) => readonly number[])[] = [
  (value) => [0x61 + (value % 26), 0xcc, 0x80 + (value % 48), 0xcc, 0x80 + ((value >> 2) % 48)],
  (value) => [0xf0, 0x9f, 0x91, 0x82 + (value % 8), 0xf0, 0x9f, 0x8f, 0xbb + (value % 5)],
  (value) => [0xd0, 0x90 + (value % 48)],
  (value) => [0x21 + (value % 94)],
];

/**
 * The keys for it: every fifth character is first typed wrong and taken back by Backspace; in front of
 * a paste that happens once.
 */
export function keysFor(kind: Kind): Uint8Array<ArrayBuffer> {
  const text = password(kind);
  const keys = new Uint8Array(new ArrayBuffer(16_384));
  let end = 0;
  const put = (...bytes: readonly number[]): void => {
    for (const byte of bytes) keys[end++] = byte;
  };
  const slip = (): void => {
    put(0x65, 0xcc, 0x81, 0x7f); // an e with an acute accent: one Backspace
    put(0xf0, 0x9f, 0x91, 0x8d, 0xf0, 0x9f, 0x8f, 0xbd, 0x7f); // a thumb with a skin tone
  };
  if (kind === "paste") {
    slip();
    put(0x1b, 0x5b, 0x32, 0x30, 0x30, 0x7e);
  }
  let characters = 0;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at] as number;
    const isMark = byte === 0xcc || (byte === 0xf0 && text[at + 2] === 0x8f);
    const starts = (byte & 0xc0) !== 0x80 && !isMark;
    if (kind !== "paste" && starts && ++characters % 5 === 0) slip();
    put(byte);
  }
  if (kind === "paste") put(0x1b, 0x5b, 0x32, 0x30, 0x31, 0x7e);
  return keys.subarray(0, end);
}
