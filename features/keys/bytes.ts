import { ascii } from "../../core/sealed_key_mark.ts";

/** Bytes within a scope. */
export type View = Uint8Array<ArrayBuffer>;

/** A piece of what is written. */
export type Piece = Uint8Array | readonly number[];

/** Whether public bytes are equal. */
export function isSame(left: ArrayLike<number>, right: ArrayLike<number>): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false;
  return true;
}

/** Whether public bytes are the characters of `text`. */
export function isText(bytes: ArrayLike<number>, text: string): boolean {
  return isSame(bytes, ascii(text));
}

/** Big-endian bytes without the zeros in front. How many there are shows in every form of a number. */
export function trimmed(number: View): View {
  let start = 0;
  while (start < number.length && number[start] === 0) start += 1;
  return within(number, start);
}

/** From `start` on, or up to `end`. Detached with what it is a part of. */
export function within(bytes: View, start: number, end: number = bytes.length): View {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
}

/** A copy of public bytes, not of secret ones. */
export function copyOf(bytes: Uint8Array): View {
  const copy = new Uint8Array(new ArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

export function lengthOfPieces(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

/** Writes the pieces one after another. */
export function writePieces(pieces: readonly Piece[], target: Uint8Array, at: number = 0): void {
  let next = at;
  for (const piece of pieces) {
    target.set(piece, next);
    next += piece.length;
  }
}

/** 32 bits, big-endian. */
export function u32(value: number): readonly number[] {
  return [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}
