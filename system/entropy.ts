/** What getentropy(3) gives at most, and getrandom(2) whole and without interruption. */
const MOST_PER_CALL = 256;

/** Fills `bytes` piece by piece, each by one call. False: one was refused. */
export function fillInPieces(
  bytes: Uint8Array<ArrayBuffer>,
  fill: (piece: Uint8Array<ArrayBuffer>, byteLength: bigint) => boolean,
): boolean {
  if (bytes.byteLength <= MOST_PER_CALL) return fill(bytes, BigInt(bytes.byteLength));
  const { buffer, byteOffset, byteLength } = bytes;
  for (let at = 0; at < byteLength; at += MOST_PER_CALL) {
    const length = Math.min(MOST_PER_CALL, byteLength - at);
    // Not by `subarray`, which a program may have replaced.
    if (!fill(new Uint8Array(buffer, byteOffset + at, length), BigInt(length))) return false;
  }
  return true;
}
