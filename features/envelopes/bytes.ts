/** Bytes within a scope, or public ones. */
export type View = Uint8Array<ArrayBuffer>;

/** From `start` on, or up to `end`. Detached with what it is a part of. */
export function within(bytes: View, start: number, end: number = bytes.length): View {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
}

/** A copy of public bytes. */
export function copyOf(bytes: Uint8Array): View {
  const copy = new Uint8Array(new ArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

/** Public bytes one after another. */
export function joined(...pieces: readonly (Uint8Array | readonly number[])[]): View {
  return joinAll(pieces);
}

/** As {@link joined}, of however many pieces: a call takes only so many arguments. */
export function joinAll(pieces: readonly (Uint8Array | readonly number[])[]): View {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const bytes = new Uint8Array(new ArrayBuffer(length));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
