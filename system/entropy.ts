/** What getentropy(3) gives at most, and getrandom(2) whole and without interruption. */
const MOST_PER_CALL = 256;

/** Fills `bytes` piece by piece, each by one call. False: one was refused. */
export function fillInPieces(
  bytes: Uint8Array<ArrayBuffer>,
  fill: (piece: Uint8Array<ArrayBuffer>, byteLength: bigint) => boolean,
): boolean {
  if (bytes.byteLength <= MOST_PER_CALL) return fill(bytes, BigInt(bytes.byteLength));
  for (let at = 0; at < bytes.byteLength; at += MOST_PER_CALL) {
    const piece = bytes.subarray(at, at + MOST_PER_CALL);
    if (!fill(piece, BigInt(piece.byteLength))) return false;
  }
  return true;
}
