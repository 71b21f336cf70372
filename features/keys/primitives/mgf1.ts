import { Hasher, type HashFunction } from "./hash.ts";
import { roundUp, type Workspace } from "./workspace.ts";

/** What {@link addMask} takes of a {@link Workspace}. */
export function maskRoom(hash: HashFunction): number {
  return Hasher.room(hash) + roundUp(hash.digestBytes);
}

/** Adds MGF1 of `seed` (RFC 8017, appendix B.2.1) to `target`, bit by bit. Both may be secret. */
export function addMask(
  hash: HashFunction,
  seed: Uint8Array,
  target: Uint8Array,
  space: Workspace,
): void {
  const hasher = new Hasher(hash, space);
  const block = space.bytes(hash.digestBytes);
  for (let start = 0, count = 0; start < target.length; start += block.length, count++) {
    hasher.reset();
    hasher.update(seed);
    hasher.update(Uint8Array.of(0, 0, count >> 8, count));
    hasher.digest(block);
    const end = Math.min(target.length, start + block.length);
    for (let at = start; at < end; at++) {
      target[at] = (target[at] as number) ^ (block[at - start] as number);
    }
  }
}
