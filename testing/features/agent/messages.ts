import { ascii } from "../../../core/sealed_key_mark.ts";
import {
  lengthOfPieces,
  type Piece,
  sshString,
  u32,
  writePieces,
} from "../../../features/keys/ssh.ts";

/** A message as a client of an agent sends it: length, number, body. */
export function message(type: number, ...pieces: readonly Piece[]): Uint8Array<ArrayBuffer> {
  const length = 1 + lengthOfPieces(pieces);
  const bytes = new Uint8Array(new ArrayBuffer(4 + length));
  writePieces([u32(length), [type], ...pieces], bytes);
  return bytes;
}

export function bodyOf(whole: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(whole.subarray(5));
}

export function text(value: string): readonly Piece[] {
  return sshString(ascii(value));
}

/** Random numbers that are the same for the same seed: xorshift32 (Marsaglia 2003). */
export function randomBelow(seed: number): (bound: number) => number {
  let state = seed | 0;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}
